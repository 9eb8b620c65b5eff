"""The store of many processes: leases in Redis, ended by its clock; while it is away, what this process knows."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec
from redis.commands.core import Script
from redis.exceptions import RedisError

from carillon.presence.stores.base import Change, Found, Lease, State
from carillon.presence.stores.memory import MemoryStore
from carillon.realtime.brokers.redis.home import find_home, patient, tag_of

logger = logging.getLogger(__name__)

_DEADLINE = 0.5
_PAUSE = 1.0
# A longer script would hold up what Redis does for others.
_CHUNK = 500
_FAILURES = (RedisError, OSError)
_T = TypeVar("_T")

# A person's connections are a hash `<prefix>person:<id>` of `until|state|put_at|keys`, times in microseconds and each key a
# line; `ends` orders all leases by their end, `told` holds each state as it was told of, `<prefix>looking:<key>` who looks
# at a key. Hashes that nobody touches for an hour, for no process is left, are garbage.
_SHARED = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local prefix = KEYS[1]
local ends, told = prefix .. 'ends', prefix .. 'told'

local function text(number)
  return string.format('%.0f', number)
end

local function person_key(person)
  return prefix .. 'person:' .. person
end

local function state_of(person)
  local found = 'offline'
  for _, held in ipairs(redis.call('HVALS', person_key(person))) do
    local til, state = string.match(held, '^(%d+)|(%a+)|')
    if tonumber(til) > now then
      if state == 'online' then
        return state
      end
      found = state
    end
  end
  return found
end

local function changes(seen)
  local found = {}
  for person, seen_at in pairs(seen) do
    local state = state_of(person)
    if state ~= (redis.call('HGET', told, person) or 'offline') then
      if state == 'offline' then
        redis.call('HDEL', told, person)
      else
        redis.call('HSET', told, person, state)
      end
      found[#found + 1] = person
      found[#found + 1] = state
      found[#found + 1] = text(now)
      found[#found + 1] = text(seen_at)
    end
  end
  return found
end

local function each_key(keys)
  return string.gmatch(keys or '', '[^\\n]+')
end

local function look_away(keys, connection)
  for key in each_key(keys) do
    redis.call('HDEL', prefix .. 'looking:' .. key, connection)
  end
end
"""

# Seconds, then person, connection, state and keys of each lease.
_PUT = """
local til, seen = text(now + ARGV[1] * 1000000), {}
for first = 2, #ARGV, 4 do
  local person, connection, state, keys = ARGV[first], ARGV[first + 1], ARGV[first + 2], ARGV[first + 3]
  local held = redis.call('HGET', person_key(person), connection)
  local before = held and string.match(held, '^%d+|%a+|%d+|(.*)$') or ''
  if before ~= keys or state ~= 'online' then
    look_away(before, connection)
  end
  redis.call('HSET', person_key(person), connection, til .. '|' .. state .. '|' .. text(now) .. '|' .. keys)
  redis.call('PEXPIRE', person_key(person), 3600000)
  redis.call('ZADD', ends, til, connection .. ' ' .. person)
  if state == 'online' then
    for key in each_key(keys) do
      redis.call('HSET', prefix .. 'looking:' .. key, connection, til .. '|' .. person)
      redis.call('PEXPIRE', prefix .. 'looking:' .. key, 3600000)
    end
  end
  seen[person] = now
end
return changes(seen)
"""

# How many at most; returns how many there were, and the changes.
_EXPIRE = """
local over, seen = redis.call('ZRANGEBYSCORE', ends, '-inf', text(now), 'LIMIT', 0, ARGV[1]), {}
for _, member in ipairs(over) do
  local connection, person = string.match(member, '^(%S+) (.*)$')
  local held = redis.call('HGET', person_key(person), connection)
  local put_at, keys = string.match(held or '', '^%d+|%a+|(%d+)|(.*)$')
  redis.call('HDEL', person_key(person), connection)
  redis.call('ZREM', ends, member)
  look_away(keys, connection)
  seen[person] = math.max(seen[person] or 0, tonumber(put_at or '0'))
end
return {#over, changes(seen)}
"""

_STATES = """
local found = {text(now)}
for _, person in ipairs(ARGV) do
  found[#found + 1] = state_of(person)
end
return found
"""

_LOOKERS = """
local found = {}
for number, key in ipairs(ARGV) do
  local people, held = {}, redis.call('HVALS', prefix .. 'looking:' .. key)
  for _, each in ipairs(held) do
    local til, person = string.match(each, '^(%d+)|(.*)$')
    if tonumber(til) > now then
      people[#people + 1] = person
    end
  end
  found[number] = people
end
return found
"""


class _Away(Exception):
    """Redis did not answer a moment ago."""


class RedisStore:
    """Keeps leases in Redis, and beside it those of this process.

    No call waits longer than a second for Redis. After one that failed none does for another second, and then one alone,
    which finds out whether it is back. What was put before it went away is put again by whoever renews its leases.
    """

    def __init__(self, url: str, prefix: str = "") -> None:
        self._url, self._prefix = url, prefix or f"{tag_of(url, 'carillon')}presence:"
        self._local = MemoryStore()
        self._scripts: dict[str, Script] = {}
        self._is_away, self._away_until = False, 0.0
        self._turn = threading.Lock()
        self._newest = 0
        self.lapses = 0

    def put(self, leases: Sequence[Lease], seconds: float) -> list[Change]:
        """Keep these for so many seconds."""
        known, found = self._local.put(leases, seconds), []
        try:
            for chunk in _batches(leases):
                found += self._changes(self._ask(_PUT, seconds, *_flat(chunk)))
        except _Away:
            return found + self._later(known)
        return found

    def expire(self) -> list[Change]:
        """Forget what is over, of any process."""
        known, found = self._local.expire(), []
        try:
            count = _CHUNK
            while count == _CHUNK:
                count, told = self._ask(_EXPIRE, _CHUNK)
                found += self._changes(told)
        except _Away:
            return found + self._later(known)
        return found

    def states(self, people: Iterable[str]) -> Found:
        """How these people are."""
        wanted, states = list(people), dict[str, State]()
        try:
            for chunk in _chunks(wanted):
                stamp, *told = self._ask(_STATES, *chunk)
                self._newest = max(self._newest, int(stamp))
                states.update((person, state) for person, state in zip(chunk, told, strict=True) if state != "offline")
        except _Away:
            return Found(self._local.states(wanted).states, self._newest + 1, is_whole=False)
        return Found(states, self._newest)

    def lookers(self, keys: Collection[str]) -> dict[str, set[str]]:
        """Who looks at these."""
        wanted, found = list(keys), dict[str, set[str]]()
        try:
            for chunk in _chunks(wanted):
                told = self._ask(_LOOKERS, *chunk)
                found.update((key, set(people)) for key, people in zip(chunk, told, strict=True))
        except _Away:
            return self._local.lookers(wanted)
        return found

    def _ask(self, body: str, *arguments: Any) -> Any:
        """Run a script; raises _Away, at once where Redis was away within the last second."""
        self._take_turn()
        try:
            answer = self._script(body)(keys=[self._prefix], args=arguments)
        except _FAILURES as error:
            if not self._is_away:
                logger.warning("Redis keeps no presence (%s); until it is back this process knows only its own", error)
            self._is_away, self._away_until = True, time.monotonic() + _PAUSE
            # On a cluster they may live on another node now.
            self._scripts = {}
            raise _Away from error
        if self._is_away:
            self._is_away, self._away_until = False, 0.0
            self.lapses += 1
        return answer

    def _take_turn(self) -> None:
        """Raises _Away where Redis was away a moment ago, and where another thread is about to find out whether it still is."""
        with self._turn:
            now = time.monotonic()
            if now < self._away_until:
                raise _Away
            if self._is_away:
                self._away_until = now + _PAUSE

    def _script(self, body: str) -> Script:
        scripts = self._scripts
        if not scripts:
            home = find_home(self._url, self._prefix, _DEADLINE)
            client = patient(home.url, _DEADLINE, decode_responses=True)
            scripts = {each: client.register_script(_SHARED + each) for each in (_PUT, _EXPIRE, _STATES, _LOOKERS)}
            self._scripts = scripts
        return scripts[body]

    def _changes(self, told: list[str]) -> list[Change]:
        found = [
            Change(person, _state(state), int(stamp), int(seen_at))
            for person, state, stamp, seen_at in zip(*[iter(told)] * 4, strict=True)
        ]
        self._newest = max([self._newest, *(change.stamp for change in found)])
        return found

    def _later(self, changes: list[Change]) -> list[Change]:
        """Those found out here, stamped after all that Redis told: the clocks of two machines differ."""
        return [msgspec.structs.replace(change, stamp=max(change.stamp, self._newest + 1)) for change in changes]


def _batches(leases: Sequence[Lease]) -> Iterator[Sequence[Lease]]:
    """As many as one script takes, each with the keys that it looks at."""
    batch, weight = list[Lease](), 0
    for lease in leases:
        weight += 1 + len(lease.looks_at)
        if batch and weight > _CHUNK:
            yield batch
            batch, weight = [], 1 + len(lease.looks_at)
        batch.append(lease)
    if batch:
        yield batch


def _flat(leases: Sequence[Lease]) -> Iterator[str]:
    for lease in leases:
        yield from (lease.person, lease.connection, "away" if lease.is_away else "online", "\n".join(lease.looks_at))


def _state(text: str) -> State:
    if text == "online":
        return "online"
    return "away" if text == "away" else "offline"


def _chunks(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]
