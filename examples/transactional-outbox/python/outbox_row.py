"""Writes an event into an outbox from Python, in one transaction with the change that it tells of.

The row is what `schemas/outbox-row.schema.json` of the package describes; any language can write it.
"""
import json
import os
import time
import uuid
from datetime import datetime, timezone

PAYLOAD_LIMIT_BYTES = 240_000


def outbox_row(aggregate_type, aggregate_id, event_type, payload, sequence, retention_seconds, trace_parent=""):
    """The row of an event as plain values. `sequence` is the event's number among those of its aggregate."""
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False)
    if len(json.dumps(text, ensure_ascii=False).encode()) > PAYLOAD_LIMIT_BYTES:
        raise ValueError(
            "the payload is too large for an event; put it into the claim check bucket and refer to it by payloadRef"
        )
    now = datetime.now(timezone.utc)
    return {
        "pk": f"{aggregate_type}#{aggregate_id}",
        "sk": f"{sequence:020d}",
        "eventId": str(uuid.uuid4()),
        "type": event_type,
        "payload": text,
        "payloadRef": "",
        "occurredAt": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "traceParent": trace_parent,
        "expiresAt": int(time.time()) + retention_seconds,
    }


def outbox_put(row, table_name):
    """The entry of `TransactItems` for boto3's low-level client, which takes typed attributes."""
    return {
        "Put": {
            "TableName": table_name,
            "Item": {
                name: {"N": str(value)} if isinstance(value, int) else {"S": value} for name, value in row.items()
            },
            "ConditionExpression": "attribute_not_exists(pk)",
        }
    }


def add_book(dynamodb, isbn, title):
    """Adds a book and says so: both happen, or neither. `dynamodb` is `boto3.client("dynamodb")`."""
    row = outbox_row(
        "Book", isbn, "BookAdded", {"isbn": isbn, "title": title}, sequence=1,
        # TransactionalOutbox.addWriter sets both variables.
        retention_seconds=int(os.environ["OUTBOX_RETENTION_SECONDS"]),
    )
    dynamodb.transact_write_items(TransactItems=[
        {
            "Put": {
                "TableName": os.environ["BOOKS_TABLE_NAME"],
                "Item": {"isbn": {"S": isbn}, "title": {"S": title}, "version": {"N": "1"}},
                "ConditionExpression": "attribute_not_exists(isbn)",
            }
        },
        outbox_put(row, os.environ["OUTBOX_TABLE_NAME"]),
    ])
