import { layoutOf } from "../dynamodb/table.js";
import { compileSpec } from "./compile-spec.js";
import type { AnyIndexes, Definition, Indexes, StampName, StampNames } from "./definition-types.js";
import { notFound, readImage } from "./image.js";
import { assignValues, loadItem, newState } from "./item.js";
import { toPlain } from "./json.js";
import { encodeKey, keyOver } from "./key.js";
import { asModel, holdInternals, internalsOf, saveInstance, saveableOf, specOf, takePending } from "./model-core.js";
import type { RuntimeModel } from "./model-core.js";
import { modelStatics } from "./model-statics.js";
import type { ModelFields, ModelInstance, ModelStatics, Optional, ReadOptions, SaveOptions } from "./model-types.js";
import { deleteItem } from "./save.js";
import type { Input, Shape } from "./schema-types.js";
import { currentSession } from "./session.js";
import { keyFields } from "./spec.js";
import { parseNew } from "./validate.js";

/**
 * The common ground of every model: an instance is one item of a table, with its attributes as members.
 *
 * Made by `new Model(values)` (validated, defaults filled; nothing is sent) or by reading. An instance is for one user
 * at a time: of two saves at once, one may conflict with the other.
 */
export abstract class DynamoDBModel<F = unknown> implements ModelInstance<F> {
  /** Throws `ValidationError` with zod's issues when the values do not fit the schema. */
  constructor(values?: object) {
    const model = asModel(new.target);
    const loaded = takePending(new.target);
    holdInternals(this, model, loaded?.state ?? newState());
    assignValues(model[specOf], this, loaded?.values ?? parseNew(model[specOf], values));
  }

  async save(options: SaveOptions<F> = {}): Promise<void> {
    const session = currentSession();
    await (session === undefined ? saveInstance(this, options) : session.save(this, options));
  }

  async delete(options: SaveOptions<F> = {}): Promise<void> {
    const session = currentSession();
    await (session === undefined ? deleteItem(saveableOf(this), options) : session.delete(this, options));
  }

  async reload(options: ReadOptions = {}): Promise<void> {
    const session = currentSession();
    if (session !== undefined) return session.reload(this, options);
    const { consistent, signal, validate = true } = options;
    const { model } = internalsOf(this);
    const { binding, values, state } = saveableOf(this);
    const { spec } = binding;
    const key = encodeKey(
      binding,
      keyFields(spec).map(({ name }) => values[name]),
      "reload",
    );
    const stored = keyOver(spec, key.stored, state.image);
    const image = await readImage(binding, { stored, values: key.values }, { signal, consistent });
    if (image === undefined) throw notFound(binding, key);
    const loaded = loadItem(binding, image, validate);
    assignValues(spec, this, loaded.values);
    Object.assign(state, loaded.state);
    const hook = model.afterLoad(this);
    if (hook !== undefined) await hook;
  }

  toJSON(): Record<string, unknown> {
    const { model, values } = internalsOf(this);
    const held = model[specOf].fields.filter(({ name }) => values[name] !== undefined);
    return Object.fromEntries(held.map(({ name }) => [name, toPlain(values[name])]));
  }

  /**
   * Makes the base class of a model: `class Account extends DynamoDBModel.define({ ... }) {}`. Throws `SchemaError` for
   * a definition that cannot be stored.
   */
  static define<
    Sh extends Shape,
    const H extends keyof Sh & string,
    const R extends keyof Sh & string = never,
    const X extends Indexes<(keyof Sh & string) | StampName<T>> = {},
    const A extends boolean = false,
    const T extends boolean | StampNames = false,
  >(definition: Definition<Sh, H, R, X, A, T>): ModelClass<Sh, H, R, X, A, T> {
    // True: what defineOn makes has the statics of ModelClass, and instances with the schema's attributes.
    return defineOn(DynamoDBModel, definition) as unknown as ModelClass<Sh, H, R, X, A, T>;
  }
}

/**
 * The class that `define` makes: attributes of shape Sh, key names H and R, indexes X, auto-increment A, timestamps T.
 * Its instances are typed by the class above and not by its interface, so that `instanceof` tells models apart.
 */
export interface ModelClass<Sh extends Shape, H, R, X extends AnyIndexes, A, T> extends ModelStatics<
  ModelFields<Sh, T>,
  H,
  R,
  X,
  H | R | StampName<T>
> {
  new (
    values: A extends true ? Optional<Input<Sh>, H> : Input<Sh>,
  ): DynamoDBModel<ModelFields<Sh, T>> & ModelFields<Sh, T>;
}

/** A class over `Base` with a compiled definition and the static side of models. */
export function defineOn(Base: abstract new (values?: object) => DynamoDBModel, definition: object): RuntimeModel {
  // Nothing is taken for granted here: the compiler of the definition checks each member.
  const spec = compileSpec(definition);
  abstract class Defined extends Base {
    static readonly [specOf] = spec;
    static readonly [layoutOf] = spec.layout;
  }
  Object.defineProperties(Defined, modelStatics);
  return asModel(Defined);
}
