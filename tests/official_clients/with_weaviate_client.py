"""Weaviate by weaviate-client, whose batches and searches go over gRPC."""

import os
from urllib.parse import urlsplit

import weaviate
from weaviate.classes.config import Configure, DataType, Property, VectorDistances
from weaviate.classes.init import Auth
from weaviate.exceptions import WeaviateBaseError

http, grpc = (urlsplit(os.environ[name]) for name in ("VECTORSTORE_URL", "VECTORSTORE_GRPC_URL"))


def connect(key):
    return weaviate.connect_to_custom(
        http_host=http.hostname,
        http_port=http.port,
        http_secure=http.scheme == "https",
        grpc_host=grpc.hostname,
        grpc_port=grpc.port,
        grpc_secure=grpc.scheme == "https",
        auth_credentials=Auth.api_key(key),
    )


with connect(os.environ["VECTORSTORE_API_KEY"]) as client:
    notes = client.collections.create(
        "Notes",
        vector_config=Configure.Vectors.self_provided(
            vector_index_config=Configure.VectorIndex.hnsw(distance_metric=VectorDistances.L2_SQUARED)
        ),
        properties=[Property(name="number", data_type=DataType.INT)],
    )
    with notes.batch.dynamic() as batch:
        for number in range(1000):
            batch.add_object({"number": number}, vector=[float(number), 1.0, float(number % 7)])
    assert not notes.batch.failed_objects, notes.batch.failed_objects[0]
    found = notes.query.near_vector([417.1, 1.0, 4.0], limit=1).objects
    assert [note.properties["number"] for note in found] == [417], found
    assert notes.aggregate.over_all(total_count=True).total_count == 1000

try:
    connect("wrong").close()
except WeaviateBaseError as refused:
    assert "401" in str(refused), refused
else:
    raise AssertionError("a wrong key was taken")
