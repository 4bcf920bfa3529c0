import { isDeepStrictEqual } from "node:util";
import { ValidationError } from "../../base/errors.js";
import { attributeOf, sameAttribute } from "../../dynamodb/attribute.js";
import type { AttributeMap } from "../../dynamodb/attribute.js";
import { saveableOf } from "../../model/model-core.js";
import { contentOf, snapshot } from "../../model/save.js";
import type { Saveable } from "../../model/save.js";
import type { ModelSpec } from "../../model/spec.js";
import type { Values } from "../../model/validate.js";

/** What an instance was when the transaction got it, to tell whether it was changed. */
export class Tracked {
  readonly instance: object;
  /** What its item would hold; `undefined`: the same as its image. */
  readonly #content: AttributeMap | undefined;
  /** Where it might not be fit to be stored: its values. */
  readonly #values: Values | undefined;

  /** `hooked`: a hook of its class may have changed it while it was read. */
  constructor(instance: object, { validated, hooked }: { readonly validated: boolean; readonly hooked: boolean }) {
    this.instance = instance;
    const saveable = saveableOf(instance);
    this.#values = validated ? undefined : copyOf(saveable);
    const differs = hooked || !isAsStored(saveable);
    this.#content = differs && validated ? contentIfFit(saveable) : undefined;
  }

  /**
   * What its item would hold now, if that is anything else, timestamps aside. Throws `ValidationError` when that cannot
   * be stored.
   */
  get changed(): AttributeMap | undefined {
    const saveable = saveableOf(this.instance);
    if (this.#values !== undefined && isDeepStrictEqual(copyOf(saveable), this.#values)) return undefined;
    const content = contentOf(saveable);
    const same = sameContent(saveable.binding.spec, content, this.#content ?? saveable.state.image ?? {});
    return same ? undefined : content;
  }
}

/** Whether every value comes from the image itself: no default was filled in, no migration ran. */
function isAsStored({ binding, values, state: { image, current } }: Saveable): boolean {
  if (image === undefined || image !== current) return false;
  return binding.spec.fields.every(
    ({ name, stored }) => values[name] === undefined || attributeOf(image, stored) !== undefined,
  );
}

function contentIfFit(saveable: Saveable): AttributeMap | undefined {
  try {
    return contentOf(saveable);
  } catch (error) {
    if (error instanceof ValidationError) return undefined;
    throw error;
  }
}

function copyOf(saveable: Saveable): Values | undefined {
  try {
    return structuredClone({ ...snapshot(saveable) });
  } catch {
    return undefined; // something that cannot be copied: then its stored form decides
  }
}

function sameContent({ fields, createdAt, updatedAt }: ModelSpec, a: AttributeMap, b: AttributeMap): boolean {
  return fields.every(
    (field) =>
      field === createdAt ||
      field === updatedAt ||
      sameAttribute(attributeOf(a, field.stored), attributeOf(b, field.stored)),
  );
}
