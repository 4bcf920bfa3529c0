import type { $ZodPipeDef, $ZodType, $ZodTypes } from "zod/v4/core";
import { SchemaError } from "../../base/errors.js";
import { encodedInput } from "./backward.js";
import { holdsDates } from "./codec.js";
import type { Codec } from "./codec.js";
import { intersectionCodec, listCodec, objectCodec, setCodec } from "./collections.js";
import {
  bigintCodec,
  booleanCodec,
  bytesCodec,
  dateCodec,
  literalCodecs,
  nullCodec,
  numberCodec,
  stringCodec,
} from "./scalars.js";
import { lazyCodec } from "./lazy.js";
import { confusable, unionCodec } from "./union.js";
import type { Option } from "./union.js";
import { enumValues, holdsTransform, isEmptySet } from "./zod-definitions.js";

/** Where a schema stands, which decides how an empty set is stored. */
interface Place {
  readonly path: string;
  /** A missing value and an empty set mean the same here: a required member, or one whose default is an empty set. */
  readonly absentIsEmpty: boolean;
}

/** Compiles schemas into codecs. Recursive schemas are compiled once, on first use. */
export class Compiler {
  /** Objects and lazy schemas by themselves, so that a recursive one ends. */
  readonly #known = new Map<$ZodType, Codec>();
  /** How many codecs (pipes) were met so far. */
  #pipes = 0;
  /** Those of the known that hold a pipe. */
  readonly #piped = new Set<$ZodType>();
  /** What can be looked into only when all schemas around it are compiled. */
  readonly #deferred: (() => unknown)[] = [];
  readonly #subject: string;

  /** `subject`: what error messages call the model. */
  constructor(subject: string) {
    this.#subject = subject;
  }

  /** The codec of a named member of an object. Throws `SchemaError` when the schema has no stored form. */
  member(schema: $ZodType, path: string): Codec {
    return this.#part(schema, { path, absentIsEmpty: true }, () => {
      // Lazy schemas are looked into now, so that one without a stored form is refused at the definition.
      for (let step = this.#deferred.pop(); step !== undefined; step = this.#deferred.pop()) step();
    });
  }

  /** A schema that conditions and updates may name by itself. */
  #part(schema: $ZodType, place: Place, finish?: () => void): Codec {
    const before = this.#pipes;
    const codec = this.#compile(schema, place);
    finish?.();
    if (this.#pipes === before) return codec;
    const unwrap = { value: (value: unknown) => encodedInput(schema, value), enumerable: true };
    return Object.create(codec, { unwrap });
  }

  #compile(schema: $ZodType, place: Place): Codec {
    // True: every schema class of zod is one of the union, told apart by def.type; `default` below catches others.
    const { def } = (schema as $ZodTypes)._zod;
    switch (def.type) {
      case "string":
      case "template_literal":
        return stringCodec;
      case "number":
        return numberCodec;
      case "bigint":
        return bigintCodec;
      case "boolean":
        return booleanCodec;
      case "null":
        return nullCodec;
      case "date":
        return dateCodec;
      case "custom":
        return this.#custom(schema, place);
      case "literal":
        return this.#distinct(literalCodecs(def.values), place);
      case "enum":
        return this.#distinct(literalCodecs(enumValues(def.entries)), place);
      case "set":
        return this.#set(def.valueType, place);
      case "array":
        return this.#list([], def.element, place);
      case "tuple":
        return this.#list(def.items, def.rest ?? undefined, place);
      case "object":
        return this.#object(schema, def.shape, def.catchall, place);
      case "record":
        return objectCodec(new Map(), this.#element(def.valueType, place, "*"));
      case "intersection":
        return this.#intersection(def.left, def.right, place);
      case "union":
        return this.#union(def.options, place);
      case "nullable":
        return this.#nullable(def.innerType, place);
      case "optional":
        return this.#compile(def.innerType, { ...place, absentIsEmpty: false });
      case "default":
      case "prefault":
        return this.#compile(def.innerType, {
          ...place,
          absentIsEmpty: place.absentIsEmpty && isEmptySet(def.defaultValue),
        });
      case "nonoptional":
      case "readonly":
      case "catch":
        return this.#compile(def.innerType, place);
      case "lazy":
        return this.#lazy(schema, () => def.getter(), place);
      case "pipe":
        return this.#pipe(schema, def, place);
      default:
        throw this.#unstorable(def.type, place);
    }
  }

  #unstorable(kind: string, { path }: Place): SchemaError {
    const advice =
      kind === "transform" ? "it cannot be undone: use z.codec(), which goes both ways" : "DynamoDB has no form for it";
    return new SchemaError(`${this.#subject}: ${path} cannot be stored: a schema of kind ${kind}: ${advice}`);
  }

  #element(schema: $ZodType, place: Place, name: string): Codec {
    return this.#part(schema, { path: `${place.path}.${name}`, absentIsEmpty: false });
  }

  #pipe(schema: $ZodType, { in: stored, out, ...def }: $ZodPipeDef, place: Place): Codec {
    this.#pipes++;
    if (holdsTransform(out)) throw this.#unstorable("transform", place);
    const codec = this.#compile(stored, place);
    if (def.reverseTransform === undefined) return codec;
    const anatomy = { value: () => ({ ...codec.anatomy(), converter: schema }), enumerable: true };
    return Object.create(codec, { anatomy });
  }

  #custom(schema: $ZodType, place: Place): Codec {
    // z.instanceof() leaves its class in the bag.
    const { Class } = schema._zod.bag as { Class?: unknown };
    if (Class === Uint8Array || Class === Buffer) return bytesCodec(Class === Buffer);
    throw new SchemaError(
      `${this.#subject}: ${place.path} cannot be stored: of custom schemas only z.instanceof(Uint8Array) and z.instanceof(Buffer) have a stored form`,
    );
  }

  #set(valueType: $ZodType, place: Place): Codec {
    const element = this.#element(valueType, place, "*");
    const [tag] = element.tags;
    if (element.tags.size !== 1 || (tag !== "S" && tag !== "N" && tag !== "B") || holdsDates(element)) {
      throw new SchemaError(
        `${this.#subject}: ${place.path} cannot be stored: a set holds strings, numbers, bigints or bytes, all of one kind`,
      );
    }
    return setCodec(element, place.absentIsEmpty);
  }

  #list(items: readonly $ZodType[], rest: $ZodType | undefined, place: Place): Codec {
    const codecs = items.map((item, index) => this.#element(item, place, String(index)));
    const restCodec = rest && this.#element(rest, place, "*");
    const all = [...codecs, ...(restCodec ? [restCodec] : [])];
    return listCodec(codecs, restCodec, all.length === 0 ? undefined : unionCodec(all.map((codec) => ({ codec }))));
  }

  #object(
    schema: $ZodType,
    shape: Readonly<Record<string, $ZodType>>,
    catchall: $ZodType | undefined,
    place: Place,
  ): Codec {
    const compiled = this.#met(schema);
    if (compiled) return compiled;
    const before = this.#pipes;
    const known = new Map<string, Codec>();
    const rest =
      catchall === undefined || catchall._zod.def.type === "never" ? undefined : this.#element(catchall, place, "*");
    const codec = objectCodec(known, rest);
    this.#known.set(schema, codec); // before its members, which may hold the same schema again
    for (const name of Object.keys(shape)) {
      const path = `${place.path}.${name}`;
      if (name === "__proto__")
        throw new SchemaError(`${this.#subject}: ${path} cannot be stored: a nested member cannot have this name`);
      // True: Object.keys names own properties of the shape.
      known.set(name, this.#part(shape[name] as $ZodType, { path, absentIsEmpty: true }));
    }
    if (this.#pipes > before) this.#piped.add(schema);
    return codec;
  }

  /** The codec of a schema met before; the pipes inside count where it is met again too. */
  #met(schema: $ZodType): Codec | undefined {
    if (this.#piped.has(schema)) this.#pipes++;
    return this.#known.get(schema);
  }

  #intersection(left: $ZodType, right: $ZodType, place: Place): Codec {
    const codecs = [this.#compile(left, place), this.#compile(right, place)] as const;
    if (codecs.some(({ tags }) => tags.size !== 1 || !tags.has("M"))) {
      throw new SchemaError(`${this.#subject}: ${place.path} cannot be stored: only objects can be intersected`);
    }
    return intersectionCodec(...codecs);
  }

  #nullable(inner: $ZodType, place: Place): Codec {
    const codec = this.#compile(inner, { ...place, absentIsEmpty: false });
    return unionCodec([{ codec: nullCodec }, { codec, schema: inner }]);
  }

  #union(members: readonly $ZodType[], place: Place): Codec {
    const options: Option[] = members
      .filter((schema) => schema._zod.def.type !== "undefined") // an attribute left out
      .map((schema) => ({ codec: this.#compile(schema, { ...place, absentIsEmpty: false }), schema }));
    return this.#distinct(
      options.map(({ codec }) => codec),
      place,
      options,
    );
  }

  /** A union of codecs none of which reads what another has stored. */
  #distinct(codecs: readonly Codec[], place: Place, options: Option[] = codecs.map((codec) => ({ codec }))): Codec {
    this.#deferred.push(() => {
      if (codecs.some((codec, index) => codecs.slice(index + 1).some((other) => confusable(codec, other)))) {
        throw new SchemaError(
          `${this.#subject}: ${place.path} cannot be stored: two members of the union are stored alike and could not be told apart when read`,
        );
      }
    });
    return unionCodec(options);
  }

  #lazy(schema: $ZodType, getter: () => $ZodType, place: Place): Codec {
    const known = this.#met(schema);
    if (known) return known;
    let compiled: Codec | undefined;
    const inner = (): Codec => {
      if (compiled !== undefined) return compiled;
      const before = this.#pipes;
      compiled = this.#compile(getter(), { ...place, absentIsEmpty: false });
      if (this.#pipes > before) this.#piped.add(schema);
      return compiled;
    };
    const codec = lazyCodec(inner);
    this.#known.set(schema, codec);
    this.#deferred.push(inner);
    return codec;
  }
}
