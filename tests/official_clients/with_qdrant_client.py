"""Qdrant by qdrant-client, over gRPC and over HTTP."""

import os
from urllib.parse import urlsplit

from qdrant_client import QdrantClient
from qdrant_client.models import Distance, PointStruct, VectorParams

grpc = urlsplit(os.environ["VECTORSTORE_GRPC_URL"])


def connect(key, prefer_grpc):
    return QdrantClient(url=os.environ["VECTORSTORE_URL"], grpc_port=grpc.port, prefer_grpc=prefer_grpc, api_key=key)


for prefer_grpc in (True, False):
    client = connect(os.environ["VECTORSTORE_API_KEY"], prefer_grpc)
    name = "grpc" if prefer_grpc else "http"
    client.create_collection(name, vectors_config=VectorParams(size=3, distance=Distance.EUCLID))
    points = [PointStruct(id=number, vector=[float(number), 1.0, float(number % 7)]) for number in range(1000)]
    client.upsert(name, points, wait=True)
    found = client.query_points(name, query=[417.1, 1.0, 4.0], limit=1).points
    assert [point.id for point in found] == [417], found
    client.close()

try:
    connect("wrong", True).get_collections()
except Exception as refused:  # grpc's and the client's own have no class in common
    assert "key" in str(refused).lower() or "unauth" in str(refused).lower(), refused
else:
    raise AssertionError("a wrong key was taken")
