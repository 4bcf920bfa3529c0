import { createHash } from "node:crypto";
import { ValidationError } from "../../base/errors.js";
import { rawLibrary } from "./raw-client.js";
import type { RawAcl } from "./raw-client.js";

/** A user of ZooKeeper's `digest` scheme. */
export interface ZKUser {
  readonly user: string;
  readonly password: string;
}

/** What a user may do with a node: some of the letters `c` (create), `d` (delete), `r` (read), `w` (write), `a` (administer). */
export interface ZKPermission extends ZKUser {
  readonly permissions: string;
}

/** How to reach an ensemble, and how to work there. */
export interface ZKConfig {
  /** The servers: `"10.0.0.1:2181,10.0.0.2:2181"`, if need be with a path at the end that is the root of everything. */
  readonly hosts: string;
  /** After how many milliseconds without a sign of life the ensemble takes this process for dead. Default: 10,000. */
  readonly sessionTimeout?: number | undefined;
  /** How long a call waits for a connection, in milliseconds. Default: 10,000. */
  readonly connectTimeout?: number | undefined;
  /** Who this process is. */
  readonly auth?: ZKUser | readonly ZKUser[] | undefined;
  /** Who may do what with the nodes made here. Default: everybody everything. */
  readonly acl?: readonly ZKPermission[] | undefined;
  /** The folder in which everything stands. Default: `/`. */
  readonly root?: string | undefined;
  /** The names of folders under the root. Default: `tx`, `lock` and `record`. */
  readonly dirs?: { readonly tx?: string; readonly lock?: string; readonly record?: string } | undefined;
}

const letters: Readonly<Record<string, number>> = { r: 1, w: 2, c: 4, d: 8, a: 16 };

/** The permissions as the library takes them. Throws `ValidationError` for letters that are none. */
export function rawAcl({ acl }: Partial<ZKConfig>): readonly RawAcl[] {
  if (acl === undefined || acl.length === 0) return rawLibrary.ACL.OPEN_ACL_UNSAFE;
  return acl.map(({ user, password, permissions }) => {
    const bits = permissions.split("").reduce((sum, letter) => sum | (letters[letter] ?? 0), 0);
    const valid = /^[cdrwa]+$/.test(permissions);
    if (!valid) throw new ValidationError(`permissions are letters of "cdrwa", not ${JSON.stringify(permissions)}`);
    const digest = createHash("sha1").update(`${user}:${password}`).digest("base64");
    return new rawLibrary.ACL(bits, new rawLibrary.Id("digest", `${user}:${digest}`));
  });
}
