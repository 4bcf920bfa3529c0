/** A shop for players: a purchase is made of sub-transactions, each with its own row. */
import { DynamoDBModel, Transaction, transactor } from "dynatx";
import type { Transactor } from "dynatx";
import { z } from "zod";
import { NotAllowed, Player } from "./players.js";

export class Article extends DynamoDBModel.define({
  table: "articles",
  hashKey: "id",
  schema: z.object({ id: z.string(), price: z.number().int().positive(), stock: z.number().int().min(0) }),
}) {
  take(): void {
    if (this.stock === 0) throw new NotAllowed(`${this.id} is sold out`);
    this.stock -= 1;
  }
}

/** How many of an article a player holds. */
export class Holding extends DynamoDBModel.define({
  table: "holdings",
  hashKey: "playerId",
  rangeKey: "articleId",
  schema: z.object({ playerId: z.string(), articleId: z.string(), count: z.number().int().default(0) }),
}) {}

const purchaseSchema = z.object({ playerId: z.string(), articleId: z.string() });

export class TakeStock extends Transaction.define({
  table: "stock-taken",
  hashKey: "playerId",
  schema: purchaseSchema,
}) {
  override transactors(): Transactor[] {
    return [transactor(Article.at(this.articleId), (article) => article.take())];
  }
}

export class HandOver extends Transaction.define({
  table: "handed-over",
  hashKey: "playerId",
  schema: purchaseSchema,
}) {
  override transactors(): Transactor[] {
    const { playerId, articleId } = this;
    // A getter may make its target: it is then created, and if somebody else was faster, the next attempt finds theirs.
    const holding = async (): Promise<Holding> =>
      (await Holding.find(playerId, articleId)) ?? new Holding({ playerId, articleId });
    return [transactor(holding, (target) => void (target.count += 1))];
  }
}

/** Charges the player, then takes the article from stock and hands it over. */
export class Purchase extends Transaction.define({ table: "purchases", hashKey: "playerId", schema: purchaseSchema }) {
  price = 0;

  override async setup(): Promise<void> {
    const { playerId, articleId } = this;
    this.price = (await Article.get(articleId)).price;
    this.subtransactions = [new TakeStock({ playerId, articleId }), new HandOver({ playerId, articleId })];
  }

  override transactors(): Transactor[] {
    return [transactor(Player.at(this.playerId), (player) => player.spendCoins(this.price))];
  }
}
