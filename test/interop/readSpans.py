"""Reads OTLP/JSON from standard input with the messages of OpenTelemetry, and refuses fields that these do not have."""

import base64
import json
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

IDS = ("traceId", "spanId", "parentSpanId")


def with_base64_ids(value):
    """OTLP/JSON writes ids in hex, where the JSON form of protobuf has base64: the one exception of OTLP."""
    if isinstance(value, list):
        return [with_base64_ids(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: base64.b64encode(bytes.fromhex(one)).decode() if key in IDS else with_base64_ids(one)
        for key, one in value.items()
    }


request = ExportTraceServiceRequest()
json_format.ParseDict(with_base64_ids(json.load(sys.stdin)), request, ignore_unknown_fields=False)
for resource in request.resource_spans:
    for scope in resource.scope_spans:
        for span in scope.spans:
            assert len(span.trace_id) == 16 and len(span.span_id) == 8
            assert len(span.parent_span_id) in (0, 8)
            assert 0 < span.start_time_unix_nano <= span.end_time_unix_nano
            print(span.span_id.hex(), span.parent_span_id.hex(), span.name, len(span.events))
