import type { DeleteItemCommandInput, GetItemCommandInput, PutItemCommandInput, QueryCommandInput, ScanCommandInput, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { encodeKey, splitArguments } from "./key.js";
import { bindingOf, saveableOf } from "./model-core.js";
import type { RuntimeModel } from "./model-core.js";
import type { ReadOptions, UpdateOptions } from "./model-types.js";
import { deleteOf, saveOf } from "./save.js";
import type { WriteOptions } from "./save.js";
import { getInput, selectQuery, selectScan } from "./select.js";
import type { SelectOptions } from "./select.js";
import { updateRequest } from "./update-item.js";
import { requestOf } from "./write.js";
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
    put(instance: object, options: WriteOptions = {}): PutItemCommandInput | UpdateItemCommandInput {
      const request = requestOf(saveOf(saveableOf(instance), options.condition), guardOf(model, options));
      // True: a write with an item after it is a PutItem or an UpdateItem.
      return request.input as PutItemCommandInput | UpdateItemCommandInput;
    },
    delete(instance: object, options: WriteOptions = {}): DeleteItemCommandInput {
      const request = requestOf(deleteOf(saveableOf(instance), options.condition), guardOf(model, options));
      // True: a write without an item after it is a DeleteItem.
      return request.input as DeleteItemCommandInput;
    },
    update(...given: unknown[]): UpdateItemCommandInput {
      const binding = bindingOf(model);
      const { key, rest } = splitArguments(binding.spec, given);
      const [changes, options] = rest;
      // What stands behind the changes is the options object, by the method's type.
      const { condition } = (options ?? {}) as UpdateOptions;
      const update = { binding, key: encodeKey(binding, key, "update"), changes, condition };
      // True: updateRequest makes UpdateItems only.
      return updateRequest(update, binding.connection.random.writeId()).input as UpdateItemCommandInput;
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
