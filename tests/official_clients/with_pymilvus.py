"""Milvus by pymilvus."""

import os

from pymilvus import MilvusClient
from pymilvus.exceptions import MilvusException

# Either address will do: pymilvus speaks gRPC alone, and Milvus has one port for both.
for address in ("VECTORSTORE_URL", "VECTORSTORE_GRPC_URL"):
    client = MilvusClient(uri=os.environ[address], token=os.environ["VECTORSTORE_API_KEY"])
    name = address.lower()
    client.create_collection(name, dimension=3, metric_type="L2", consistency_level="Strong")
    client.insert(name, [{"id": number, "vector": [float(number), 1.0, float(number % 7)]} for number in range(1000)])
    (found,) = client.search(name, [[417.1, 1.0, 4.0]], limit=1)
    assert [note["id"] for note in found] == [417], found
    client.close()

try:
    MilvusClient(uri=os.environ["VECTORSTORE_URL"], token="root:wrong").list_collections()
except MilvusException:
    pass  # 'illegal connection params or server unavailable' is all that it says.
else:
    raise AssertionError("a wrong password was taken")
