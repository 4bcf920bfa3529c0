/** A purchase made of sub-transactions, and one whose second step fails: the rows tell how far it came. */
import { HandOver, Holding, Article, Purchase, TakeStock } from "../models/shop.js";
import { NotAllowed, Player } from "../models/players.js";
import { withDatabase } from "./database.js";

async function show(title: string): Promise<void> {
  const [player, article] = await Promise.all([Player.get("ann"), Article.get("sword")]);
  const held = (await Holding.find("ann", "sword"))?.count ?? 0;
  console.log(`\n${title}\n  ann has ${player.coins} coins and ${held} swords; the shop has ${article.stock}`);
  const rows = (await Promise.all([Purchase, TakeStock, HandOver].map((step) => step.query("ann").toArray()))).flat();
  console.table(
    rows
      .toSorted((a, b) => (a.datetime < b.datetime ? -1 : 1))
      .map((row) => ({ step: row.constructor.name, datetime: row.datetime, status: row.status })),
  );
}

await withDatabase([Player, Article, Holding, Purchase, TakeStock, HandOver], async () => {
  await new Player({ id: "ann", coins: 100 }).save();
  await new Article({ id: "sword", price: 30, stock: 1 }).save();

  await new Purchase({ playerId: "ann", articleId: "sword" }).commit();
  await show("The first purchase: every step is done.");

  const second = new Purchase({ playerId: "ann", articleId: "sword" });
  try {
    await second.commit();
  } catch (error) {
    if (!(error instanceof NotAllowed)) throw error;
    await show(`The second one fails (${error.message}): its status is "${second.status}", and ann was charged.`);
  }
  console.log(`
With sequential(), the default, each target commits on its own: what was done stays, and the row that says "running" is
there for you to find (Purchase.unfinished) and to mend.`);
});
