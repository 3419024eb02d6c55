"""Reads recorded requests as JSON lines, signs each again with botocore, and prints the ids of those that differ."""

import base64
import hashlib
import json
import sys

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def signature_of(call):
    """What botocore signs the request with: only the headers that the caller signed take part."""
    body = base64.b64decode(call["body"])
    headers = {name: call["headers"].get(name, "") for name in call["signedHeaders"]}
    declared = call["headers"].get("x-amz-content-sha256")
    if declared not in (None, "UNSIGNED-PAYLOAD", hashlib.sha256(body).hexdigest()):
        return "the declared hash is not the body's"
    if declared is not None:
        headers["x-amz-content-sha256"] = declared
    request = AWSRequest(method=call["method"], url=call["url"], data=body, headers=headers)
    request.context["timestamp"] = call["headers"]["x-amz-date"]
    credentials = Credentials(call["accessKeyId"], call["secretAccessKey"], call["sessionToken"])
    kind = S3SigV4Auth if call["service"] == "s3" else SigV4Auth
    signer = kind(credentials, call["service"], call["region"])
    canonical = signer.canonical_request(request)
    return signer.signature(signer.string_to_sign(request, canonical), request)


differing = []
for line in sys.stdin:
    recorded = json.loads(line)
    if signature_of(recorded) != recorded["signature"]:
        differing.append(recorded["id"])
print(json.dumps(differing))
