/**
 * What is done in Redis in one go. A script runs alone, but what it has written stays when it fails: so each first looks
 * at everything, and then writes. Every key begins with the prefix, whose hash tag puts all on one node of a cluster.
 * Entries are hashes of `d` (text) and `v` (version, a number never used before); a lock has `id` besides, the txid.
 */

/** Functions that the scripts share. `P` is the prefix. */
const shared = `
local P = ARGV[1]
local function key(kind, name) return P .. kind .. ':' .. name end
local function fresh() return redis.call('INCR', P .. 'version') - 1 end
local function tell(kind, name) redis.call('PUBLISH', P .. 'changes', kind .. ':' .. name) end
local function version(at) return tonumber(redis.call('HGET', at, 'v') or -1) end
local function write(kind, name, text)
  local v = fresh()
  redis.call('HSET', key(kind, name), 'd', text, 'v', v)
  tell(kind, name)
  return v
end
local function drop(kind, name)
  redis.call('DEL', key(kind, name))
  tell(kind, name)
end
local function alive(txid, token) return redis.call('HGET', key('alive', txid), 'token') == token end
local function fate(txid)
  if redis.call('EXISTS', key('alive', txid)) == 1 then return 'alive' end
  if redis.call('EXISTS', key('state', txid)) == 1 then return 'paused' end
  return 'dead'
end
local function list(ranges)
  local texts = {}
  for _, range in ipairs(ranges) do table.insert(texts, '[' .. range[1] .. ', ' .. range[2] .. ']') end
  return '[' .. table.concat(texts, ', ') .. ']'
end
-- The ranges with all from 0 to before a number.
local function upTo(ranges, before)
  local rest = {}
  for _, range in ipairs(ranges) do
    if range[1] <= before then before = math.max(before, range[2]) else table.insert(rest, range) end
  end
  table.insert(rest, 1, {0, before})
  return rest
end
-- Records a journal as committed, and deletes those that are too many, some at a time.
local function committed(id, keep)
  local text = redis.call('HGET', key('journal_id_set', ''), 'd')
  local ids = text and cjson.decode(text) or {}
  local all, purged = upTo(ids.COMMITTED or {}, id + 1), ids.PURGED or {}
  local first = purged[1] and purged[1][1] == 0 and purged[1][2] or 0
  local before = math.min(all[#all][2] - keep, first + 64)
  if before > first then
    for old = first, before - 1 do drop('journal', old) end
    purged = upTo(purged, before)
  end
  write('journal_id_set', '', '{"PURGED": ' .. list(purged) .. ', "COMMITTED": ' .. list(all) .. '}')
end
`;

function script(body: string): string {
  return shared + body;
}

/** ARGV: prefix, kind, name. The text and version of an entry, nil if there is none. */
export const get = script(`
local found = redis.call('HMGET', key(ARGV[2], ARGV[3]), 'd', 'v')
if not found[2] then return nil end
return found`);

/** ARGV: prefix, kind, name, text. Its version, nil if it is there already. */
export const create = script(`
if redis.call('EXISTS', key(ARGV[2], ARGV[3])) == 1 then return nil end
if ARGV[2] == 'state' then redis.call('SADD', P .. 'states', ARGV[3]) end
return write(ARGV[2], ARGV[3], ARGV[4])`);

/** ARGV: prefix, kind, name, text, version or -1. Its new version; -1 if there is none, -2 if it has another version. */
export const set = script(`
local present = version(key(ARGV[2], ARGV[3]))
if present == -1 then return -1 end
if ARGV[5] ~= '-1' and tonumber(ARGV[5]) ~= present then return -2 end
return write(ARGV[2], ARGV[3], ARGV[4])`);

/** ARGV: prefix, kind, name, version or -1. 0; -1 if there is none, -2 if it has another version. */
export const remove = script(`
local present = version(key(ARGV[2], ARGV[3]))
if present == -1 then return -1 end
if ARGV[4] ~= '-1' and tonumber(ARGV[4]) ~= present then return -2 end
if ARGV[2] == 'state' then redis.call('SREM', P .. 'states', ARGV[3]) end
drop(ARGV[2], ARGV[3])
return 0`);

/** ARGV: prefix, txid, lease in milliseconds, text. A token greater than any before, nil if the transaction is alive. */
export const mark = script(`
local at = key('alive', ARGV[2])
if redis.call('EXISTS', at) == 1 then return nil end
local token = tostring(redis.call('INCR', P .. 'token'))
redis.call('HSET', at, 'token', token, 'd', ARGV[4])
redis.call('PEXPIRE', at, ARGV[3])
return token`);

/** ARGV: prefix, txid, token, lease in milliseconds. Whether the mark is still there. */
export const renew = script(`
if not alive(ARGV[2], ARGV[3]) then return 0 end
return redis.call('PEXPIRE', key('alive', ARGV[2]), ARGV[4])`);

/** ARGV: prefix, txid, token. Takes the mark away, if it is that one. */
export const unmark = script(`
if not alive(ARGV[2], ARGV[3]) then return 0 end
drop('alive', ARGV[2])
return 1`);

/** ARGV: prefix, txid, key. Takes a lock or tells who has it: {1, version, text, record, record's version} or {0, txid, version, fate}. */
export const lock = script(`
local at = key('lock', ARGV[3])
local held = redis.call('HMGET', at, 'id', 'v', 'd')
if held[1] and held[1] ~= ARGV[2] then return {0, held[1], held[2], fate(held[1])} end
if not held[1] then
  held = {ARGV[2], fresh(), 'null'}
  redis.call('HSET', at, 'id', held[1], 'v', held[2], 'd', held[3])
  tell('lock', ARGV[3])
end
local record = redis.call('HMGET', key('record', ARGV[3]), 'd', 'v')
return {1, held[2], held[3], record[1] or '[null]', record[2] or -1}`);

/** ARGV: prefix, txid. What has become of a transaction, and for how many milliseconds at least it stays alive. */
export const look = script(`
return {fate(ARGV[2]), redis.call('PTTL', key('alive', ARGV[2]))}`);

/** ARGV: prefix, txid, key. Frees the lock of a transaction that is dead without state. */
export const breakLock = script(`
if redis.call('HGET', key('lock', ARGV[3]), 'id') ~= ARGV[2] then return 0 end
if fate(ARGV[2]) ~= 'dead' then return 0 end
drop('lock', ARGV[3])
return 1`);

/** ARGV: prefix, txid, key. Frees a lock: {released, holder, version}. */
export const release = script(`
local held = redis.call('HMGET', key('lock', ARGV[3]), 'id', 'v')
if not held[1] then return {1, ARGV[2], -1} end
if held[1] ~= ARGV[2] then return {0, held[1], held[2]} end
drop('lock', ARGV[3])
return {1, held[1], held[2]}`);

/** ARGV: prefix, txid, token, key, version, text. The lock's new version; -1 if it is not the transaction's at that version. */
export const setLock = script(`
local at = key('lock', ARGV[4])
local held = redis.call('HMGET', at, 'id', 'v')
if held[1] ~= ARGV[2] or held[2] ~= ARGV[5] or not alive(ARGV[2], ARGV[3]) then return -1 end
local v = fresh()
redis.call('HSET', at, 'd', ARGV[6], 'v', v)
return v`);

/**
 * ARGV: prefix, txid, token, whether it is the last (1), state's version or -1, journal or '', journals to keep, then
 * for each step: 'record' key version text-or-'' | 'read' key version | 'lock' key version.
 * {1, journal's id or -1} or {0, reason}.
 */
export const commit = script(`
local txid, token, last, stateVersion, journal, keep = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], tonumber(ARGV[7])
local done = key('done', token)
local steps = {}
local at = 8
while ARGV[at] do
  local step = {kind = ARGV[at], name = ARGV[at + 1], v = tonumber(ARGV[at + 2])}
  at = at + 3
  if step.kind == 'record' then step.text = ARGV[at]; at = at + 1 end
  table.insert(steps, step)
end
if not alive(txid, token) then return {0, 'its mark of life is gone'} end
if stateVersion ~= '-1' and version(key('state', txid)) ~= tonumber(stateVersion) then return {0, 'its state was changed by somebody else'} end
for _, step in ipairs(steps) do
  if step.kind == 'lock' then
    local held = redis.call('HMGET', key('lock', step.name), 'id', 'v')
    if held[1] ~= txid or tonumber(held[2] or -1) ~= step.v then return {0, 'the lock of ' .. step.name .. ' is not its own'} end
  elseif version(key('record', step.name)) ~= step.v then return {0, 'the record ' .. step.name .. ' was changed by somebody else'} end
end
for _, step in ipairs(steps) do
  if step.kind == 'lock' then drop('lock', step.name)
  elseif step.kind == 'record' then
    if step.text == '' then drop('record', step.name) else write('record', step.name, step.text) end
  end
end
if stateVersion ~= '-1' then
  redis.call('SREM', P .. 'states', txid)
  drop('state', txid)
end
local id = -1
if journal ~= '' then
  id = redis.call('INCR', P .. 'journal_ids') - 1
  write('journal', id, journal)
  committed(id, keep)
end
if last == '1' then
  redis.call('SET', done, id, 'EX', 3600)
  drop('alive', txid)
end
return {1, id}`);

/** ARGV: prefix, txid, token. What became of the last batch of a mark: 'applied', or from now on it never can be: 'refused'. */
export const outcome = script(`
if redis.call('EXISTS', key('done', ARGV[3])) == 1 then return 'applied' end
if alive(ARGV[2], ARGV[3]) then drop('alive', ARGV[2]) end
return 'refused'`);

/** ARGV: prefix. */
export const nextTxid = script(`return redis.call('INCR', P .. 'txid')`);

/** ARGV: prefix, key, txid. {who has the lock or 0, the transaction's fate, its lease's rest}. */
export const holder = script(`
return {redis.call('HGET', key('lock', ARGV[2]), 'id') or '0', fate(ARGV[3]), redis.call('PTTL', key('alive', ARGV[3]))}`);

/** ARGV: prefix. The ids of transactions with state. */
export const states = script(`return redis.call('SMEMBERS', P .. 'states')`);
