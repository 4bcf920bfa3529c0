import { $ZodOptional, clone } from "zod/v4/core";
import type { $ZodObject, $ZodType } from "zod/v4/core";
import { SchemaError } from "../base/errors.js";
import type { IndexLayout } from "../dynamodb/table.js";
import type { Codec } from "./codec/codec.js";
import { Compiler } from "./codec/compile.js";
import { dateCodec, expiryCodec } from "./codec/scalars.js";
import type { RawDefinition } from "./raw-definition.js";
import type { Field, IndexSpec, KeyField, ModelSpec } from "./spec.js";

const instanceNames = new Set(["save", "delete", "reload", "toJSON"]);
/** The library's own attributes under their default names; a connection that renames them checks its models itself. */
const reservedAttributes = ["_v", "_tx"];
const maxHashBytes = 2048;
const maxRangeBytes = 1024;
const maxHistoryDepth = 16;
const defaultHistoryDepth = 8;
const escapedProto = "___proto__";

/** Checks and compiles a definition. Every fault is a `SchemaError` that says what and where. */
export function compileSpec(definition: RawDefinition): ModelSpec {
  return new SpecCompiler(definition).compile();
}

class SpecCompiler {
  readonly #definition: RawDefinition;
  readonly #table: string;
  readonly #fields = new Map<string, Field>();

  constructor(definition: RawDefinition) {
    this.#definition = definition;
    const { table } = definition;
    if (typeof table !== "string" || !/^[\w.-]{1,255}$/.test(table)) {
      throw new SchemaError(
        `a model needs a table: a name of letters, digits, _ . and -, but it is ${JSON.stringify(table)}`,
      );
    }
    this.#table = table;
  }

  compile(): ModelSpec {
    const definition = this.#definition;
    const schema = this.#schema();
    const { shape } = schema._zod.def;
    this.#compileFields(shape);
    const [createdAt, updatedAt] = this.#timestamps();
    const hash = this.#key(definition.hashKey, "hashKey", maxHashBytes);
    const range =
      definition.rangeKey === undefined ? undefined : this.#key(definition.rangeKey, "rangeKey", maxRangeBytes);
    if (range?.name === hash.name) throw this.#fault(`hashKey and rangeKey are the same attribute, ${hash.name}`);
    this.#checkOptions(hash, range);
    const indexes = this.#indexes(hash, range);
    const fields = [...this.#fields.values()];
    const protoSchema = Object.hasOwn(shape, "__proto__") ? shape["__proto__"] : undefined;
    const parsed =
      protoSchema === undefined
        ? schema
        : this.#withShape(schema, Object.fromEntries(Object.entries(shape).filter(([name]) => name !== "__proto__")));
    return {
      table: this.#table,
      schema: parsed,
      newSchema: this.#newSchema(parsed, definition.autoIncrement ? [hash.name] : (definition.lateKeys ?? [])),
      protoSchema,
      fields,
      fieldByName: this.#fields,
      storedNames: new Set(fields.map(({ stored }) => stored)),
      inheritsNames: fields.some(({ name }) => name in Object.prototype),
      unwraps: fields.some(({ codec }) => codec.unwrap !== undefined),
      hash,
      range,
      keys: [hash, range, ...indexes.flatMap(({ spec }) => [spec.hash, spec.range])].filter((key) => key !== undefined),
      indexes: new Map(indexes.map(({ spec }) => [spec.name, spec])),
      concurrency: definition.concurrency ?? "image",
      historyDepth: definition.historyDepth ?? defaultHistoryDepth,
      autoIncrement: definition.autoIncrement ?? false,
      createdAt,
      updatedAt,
      migrations: definition.migrations ?? [],
      layout: {
        table: this.#table,
        hash: hash.attribute,
        range: range?.attribute,
        indexes: indexes.map(({ layout }) => layout),
        ttl: definition.ttl === undefined ? undefined : this.#field(definition.ttl, "ttl").stored,
      },
    };
  }

  #fault(message: string): SchemaError {
    return new SchemaError(`table ${this.#table}: ${message}`);
  }

  #schema(): $ZodObject {
    // Whatever it is, only the properties checked here are used.
    const schema = this.#definition.schema as $ZodObject | undefined;
    const type: string | undefined = schema?._zod?.def?.type;
    if (type !== "object") {
      throw this.#fault(
        `a model needs a schema: z.object({ ... }) of zod 4, but it is ${type === undefined ? typeof schema : `of kind ${type}`}`,
      );
    }
    // True: def.type names zod's object schema.
    const object = schema as $ZodObject;
    const { catchall } = object._zod.def;
    if (catchall !== undefined && catchall._zod.def.type !== "never") {
      throw this.#fault(
        "the schema of a model cannot be loose: list the attributes, or keep free ones in a z.record()",
      );
    }
    return object;
  }

  #withShape(schema: $ZodObject, shape: Record<string, $ZodType>): $ZodObject {
    return clone(schema, { ...schema._zod.def, shape });
  }

  #newSchema(schema: $ZodObject, lateKeys: readonly string[]): $ZodObject {
    if (lateKeys.length === 0) return schema;
    const { shape } = schema._zod.def;
    const late = lateKeys.map(
      (name) => [name, new $ZodOptional({ type: "optional", innerType: memberOf(shape, name) })] as const,
    );
    return this.#withShape(schema, { ...shape, ...Object.fromEntries(late) });
  }

  #compileFields(shape: Readonly<Record<string, $ZodType>>): void {
    const compiler = new Compiler(`table ${this.#table}`);
    for (const name of Object.keys(shape)) {
      if (instanceNames.has(name))
        throw this.#fault(`an attribute cannot be called ${name}: instances have a method of that name`);
      if (reservedAttributes.includes(name))
        throw this.#fault(`an attribute cannot be called ${name}: the library keeps its own data there`);
      const schema = memberOf(shape, name);
      const codec =
        name === this.#definition.ttl ? this.#expiry(schema, name, compiler) : compiler.member(schema, name);
      this.#addField({ name, stored: name === "__proto__" ? escapedProto : name, codec, schema });
    }
  }

  #addField(field: Field): void {
    const taken = [...this.#fields.values()].find(({ stored }) => stored === field.stored);
    if (taken)
      throw this.#fault(`the attributes ${taken.name} and ${field.name} would both be stored as ${field.stored}`);
    this.#fields.set(field.name, field);
  }

  #expiry(schema: $ZodType, name: string, compiler: Compiler): Codec {
    if (compiler.member(schema, name).anatomy().leaf !== "date")
      throw this.#fault(`ttl: ${name} must be a z.date(), possibly optional`);
    return expiryCodec;
  }

  #timestamps(): [createdAt: Field | undefined, updatedAt: Field | undefined] {
    const { timestamps } = this.#definition;
    if (timestamps === undefined || timestamps === false) return [undefined, undefined];
    const names = timestamps === true ? { createdAt: "createdAt", updatedAt: "updatedAt" } : timestamps;
    const field = (name: string | undefined): Field | undefined => {
      if (name === undefined) return undefined;
      if (this.#fields.has(name)) throw this.#fault(`timestamps: ${name} is an attribute of the schema already`);
      const made: Field = { name, stored: name, codec: dateCodec, schema: undefined };
      this.#addField(made);
      return made;
    };
    return [field(names.createdAt), field(names.updatedAt)];
  }

  #field(name: unknown, role: string): Field {
    const field = typeof name === "string" ? this.#fields.get(name) : undefined;
    if (field === undefined) {
      throw this.#fault(
        `${role}: ${name === undefined ? "missing" : `${JSON.stringify(name)} is not an attribute of the schema`}`,
      );
    }
    return field;
  }

  #key(name: unknown, role: string, maxBytes: number, sparse = false): KeyField {
    const field = this.#field(name, role);
    const [tag, ...others] = field.codec.tags;
    if (others.length > 0 || (tag !== "S" && tag !== "N" && tag !== "B")) {
      throw this.#fault(
        `${role}: ${field.name} cannot be a key: DynamoDB keys are strings, numbers, bigints, dates or bytes`,
      );
    }
    if (!sparse && field.schema?._zod.optout === "optional")
      throw this.#fault(`${role}: ${field.name} cannot be optional`);
    return { ...field, attribute: { name: field.stored, type: tag }, maxBytes };
  }

  #checkOptions(hash: KeyField, range: KeyField | undefined): void {
    const { autoIncrement, ttl, historyDepth, concurrency } = this.#definition;
    if (autoIncrement && range)
      throw this.#fault("autoIncrement needs a hash key alone: a table with a range key has no single sequence");
    if (autoIncrement && hash.attribute.type !== "N")
      throw this.#fault(`autoIncrement: ${hash.name} must be a number or bigint`);
    if (ttl !== undefined && (ttl === hash.name || ttl === range?.name)) throw this.#fault(`ttl: ${ttl} is a key`);
    if (ttl !== undefined) this.#field(ttl, "ttl");
    if (concurrency !== undefined && concurrency !== "image" && concurrency !== "version")
      throw this.#fault('concurrency is "image" or "version"');
    if (
      historyDepth !== undefined &&
      (!Number.isInteger(historyDepth) || historyDepth < 1 || historyDepth > maxHistoryDepth)
    ) {
      throw this.#fault(`historyDepth is a whole number from 1 to ${maxHistoryDepth}`);
    }
  }

  #indexes(hash: KeyField, range: KeyField | undefined): { spec: IndexSpec; layout: IndexLayout }[] {
    return Object.entries(this.#definition.indexes ?? {}).map(([name, definition]) => {
      const indexHash = this.#key(definition.hashKey, `indexes.${name}.hashKey`, maxHashBytes, true);
      const indexRange =
        definition.rangeKey === undefined
          ? undefined
          : this.#key(definition.rangeKey, `indexes.${name}.rangeKey`, maxRangeBytes, true);
      const keys = [hash, range, indexHash, indexRange].flatMap((key) => (key ? [key.stored] : []));
      const attributes = this.#projection(name, definition.project, keys);
      return {
        spec: { name, hash: indexHash, range: indexRange, holds: attributes && new Set([...keys, ...attributes]) },
        layout: { name, hash: indexHash.attribute, range: indexRange?.attribute, attributes },
      };
    });
  }

  /** What an index holds besides its keys; `undefined`: everything. */
  #projection(index: string, project: unknown, keys: readonly string[]): readonly string[] | undefined {
    if (project === undefined || project === "all") return undefined;
    if (project !== "keys" && !Array.isArray(project))
      throw this.#fault(`indexes.${index}.project is "all", "keys" or a list of attributes`);
    const names = Array.isArray(project)
      ? project.map((name) => this.#field(name, `indexes.${index}.project`).stored)
      : [];
    return [...new Set(names)].filter((name) => !keys.includes(name));
  }
}

function memberOf(shape: Readonly<Record<string, $ZodType>>, name: string): $ZodType {
  // True: only names of the shape are asked for.
  return shape[name] as $ZodType;
}
