import type {
  DeleteItemCommandInput,
  GetItemCommandInput,
  QueryCommandInput,
  ScanCommandInput,
  UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { WriteRequest } from "../dynamodb/requests.js";
import { encodeKey, splitArguments } from "./key.js";
import { bindingOf, saveableOf } from "./model-core.js";
import type { RuntimeModel } from "./model-core.js";
import type { ReadOptions, UpdateOptions } from "./model-types.js";
import { deleteOf, saveOf } from "./save.js";
import type { WriteOptions } from "./save.js";
import { getInput, selectQuery, selectScan } from "./select.js";
import type { SelectOptions } from "./select.js";
import { updateRequest } from "./update-item.js";
import { deleteRequest, requestOf } from "./write.js";
import type { Guard } from "./write.js";

function guardOf(model: RuntimeModel, { raiseOnConflict }: WriteOptions): Guard {
  return raiseOnConflict ? bindingOf(model).spec.concurrency : "overwrite";
}

/** The requests of a model as they would be sent first; see `Params`. */
export function modelParams(model: RuntimeModel): object {
  return {
    get(...given: unknown[]): GetItemCommandInput {
      const binding = bindingOf(model);
      const { key, options } = splitArguments<ReadOptions>(binding.spec, given);
      return getInput(binding, encodeKey(binding, key, "get"), options);
    },
    put(instance: object, options: WriteOptions = {}): WriteRequest["input"] {
      return requestOf(saveOf(saveableOf(instance), options.condition), guardOf(model, options)).input;
    },
    delete(instance: object, options: WriteOptions = {}): DeleteItemCommandInput {
      return deleteRequest(deleteOf(saveableOf(instance), options.condition), guardOf(model, options)).input;
    },
    update(...given: unknown[]): UpdateItemCommandInput {
      const binding = bindingOf(model);
      const { key, rest } = splitArguments(binding.spec, given);
      const [changes, options] = rest;
      // What stands behind the changes is the options object, by the method's type.
      const { condition } = (options ?? {}) as UpdateOptions;
      const update = { binding, key: encodeKey(binding, key, "update"), changes, condition };
      return updateRequest(update, binding.connection.random.writeId()).input;
    },
    query(hash: unknown, options: SelectOptions = {}): QueryCommandInput {
      const binding = bindingOf(model);
      return selectQuery(binding, hash, options, binding).input;
    },
    scan(options: SelectOptions = {}): ScanCommandInput {
      const binding = bindingOf(model);
      return selectScan(binding, options, binding).input;
    },
  };
}
