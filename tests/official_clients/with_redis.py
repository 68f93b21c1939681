"""Redis by redis-py."""

import os

import redis

client = redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
with client.pipeline() as pipeline:
    assert pipeline.set("units", 12).incrby("units", 5).execute() == [True, 17]
client.xadd("trades", {"isin": "IE00B3RBWM25"})
assert [fields for _, fields in client.xrange("trades")] == [{"isin": "IE00B3RBWM25"}]

listener = client.pubsub(ignore_subscribe_messages=True)
listener.subscribe("prices")
listener.get_message(timeout=5)
client.publish("prices", "101.5")
assert listener.get_message(timeout=5)["data"] == "101.5"

scheme, rest = os.environ["REDIS_URL"].split("://")
for address, kind in ((f"default:wrong@{rest.rsplit('@', 1)[1]}", "wrong"), (rest.rsplit("@", 1)[1], "no")):
    try:
        redis.from_url(f"{scheme}://{address}").ping()
    except redis.AuthenticationError:
        continue
    raise AssertionError(f"{kind} password was taken")
