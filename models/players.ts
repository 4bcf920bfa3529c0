/** A game: players with energy and coins, and rewards they collect once each. */
import { DynamoDBModel, Transaction } from "dynatx";
import { z } from "zod";

/** The rules of the game forbid it; trying again would not help. */
export class NotAllowed extends Error {
  override readonly name = "NotAllowed";
}

export class Player extends DynamoDBModel.define({
  table: "players",
  hashKey: "id",
  timestamps: true,
  schema: z.object({
    id: z.string(),
    energy: z.number().int().min(0).max(100).default(100),
    coins: z.number().int().min(0).default(0),
    rewards: z.set(z.string()).default(() => new Set<string>()),
  }),
}) {
  spendEnergy(amount: number): void {
    if (amount > this.energy) throw new NotAllowed(`${this.id} is too tired`);
    this.energy -= amount;
  }

  spendCoins(amount: number): void {
    if (amount > this.coins) throw new NotAllowed(`${this.id} cannot afford it`);
    this.coins -= amount;
  }

  /** Takes what a reward holds; energy stops at its maximum. */
  receive(reward: Reward): void {
    if (this.rewards.has(reward.id)) throw new NotAllowed(`${this.id} has collected ${reward.id} already`);
    this.rewards.add(reward.id);
    this.coins += reward.coins;
    this.energy = Math.min(100, this.energy + reward.energy);
  }
}

export class Reward extends DynamoDBModel.define({
  table: "rewards",
  hashKey: "id",
  schema: z.object({
    id: z.string(),
    coins: z.number().int().default(0),
    energy: z.number().int().default(0),
  }),
}) {}

/** Something a player does all the time: the target changes, and no row tells of it. */
export class SpendEnergy extends Transaction.define({
  table: "energy-spent",
  hashKey: "playerId",
  schema: z.object({ playerId: z.string(), amount: z.number().int().positive() }),
}) {
  static override transient = true;

  override getTarget(): Promise<Player> {
    return Player.get(this.playerId);
  }

  override alterTarget(player: Player): void {
    player.spendEnergy(this.amount);
  }
}

/** A reward, once for each player. What it holds does not change, so it is read in `setup`: once, however many retries. */
export class CollectReward extends Transaction.define({
  table: "rewards-collected",
  hashKey: "playerId",
  schema: z.object({ playerId: z.string(), rewardId: z.string() }),
}) {
  reward: Reward | undefined;

  override async setup(): Promise<void> {
    this.reward = await Reward.get(this.rewardId);
  }

  override getTarget(): Promise<Player> {
    return Player.get(this.playerId);
  }

  override alterTarget(player: Player): void {
    if (this.reward) player.receive(this.reward);
  }
}
