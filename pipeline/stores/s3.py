"""What S3 can do beyond fsspec's verbs: a listing per request, whole contents in a single one, conditional puts.

A conditional put whose answer was lost is asked again, below or by us, and then refused, though it was ours that was
done. So each put leaves a mark of its own on the object, and a refusal is believed only if the mark is another's.
"""

import email.utils
import uuid
from collections.abc import Iterator
from typing import Any

from fsspec.asyn import sync

from pipeline.stores.retries import error_code, http_status

_MARK = "gristmill-put"
_BATCH = 1000
_probed: dict[tuple[str, str], bool] = {}


def read(store: Any, inner: str) -> tuple[bytes, str]:
    """Return an object's content and its ETag."""
    bucket, key = _address(store, inner)
    answer = store.call_s3("get_object", Bucket=bucket, Key=key)
    try:
        return sync(store.loop, answer["Body"].read), str(answer["ETag"])
    finally:
        answer["Body"].close()


def names(store: Any, inner: str) -> list[str]:
    """Return the names below a prefix up to the next `/`; none where there is nothing."""
    bucket, key = _address(store, inner)
    prefix = f"{key}/" if key else ""
    inside: set[str] = set()
    try:
        for page in _pages(store, Bucket=bucket, Prefix=prefix, Delimiter="/"):
            inside.update(entry["Prefix"][len(prefix) : -1] for entry in page.get("CommonPrefixes", ()))
            inside.update(entry["Key"][len(prefix) :] for entry in page.get("Contents", ()))
    except FileNotFoundError:
        return []
    return sorted(inside - {""})  # an object of the prefix itself is a console's folder


def remove(store: Any, inner: str) -> None:
    """Remove an object and all below it."""
    bucket, key = _address(store, inner)
    keys = [key] if key else []
    for page in _pages(store, Bucket=bucket, Prefix=f"{key}/" if key else ""):
        keys += [entry["Key"] for entry in page.get("Contents", ())]
    if len(keys) == 1:
        store.call_s3("delete_object", Bucket=bucket, Key=keys[0])
        return
    for start in range(0, len(keys), _BATCH):
        objects = [{"Key": key} for key in keys[start : start + _BATCH]]
        answer = store.call_s3("delete_objects", Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
        if answer.get("Errors"):
            raise OSError(f"s3://{bucket}/{key}: {len(answer['Errors'])} objects stay: {answer['Errors'][0]}")


def upload(store: Any, file: str, size: int, inner: str) -> None:
    """Put a local file, in parts of which a few travel at once."""
    store.put_file(file, inner, chunksize=max(16 << 20, size // 9000), max_concurrency=4)


def abort_uploads(store: Any, inner: str) -> None:
    """Give up the uploads below a prefix that nobody has finished: they are not visible, but paid for."""
    bucket, key = _address(store, inner)
    answer = store.call_s3("list_multipart_uploads", Bucket=bucket, Prefix=f"{key}/")
    for begun in answer.get("Uploads", ()):
        store.call_s3("abort_multipart_upload", Bucket=bucket, Key=begun["Key"], UploadId=begun["UploadId"])


def age(store: Any, inner: str) -> float:
    """Return the seconds since an object was put, both times by the store's clock, which counts whole seconds."""
    bucket, key = _address(store, inner)
    answer = store.call_s3("head_object", Bucket=bucket, Key=key)
    now = email.utils.parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    return float((now - answer["LastModified"]).total_seconds())


def put_if(store: Any, inner: str, content: bytes, mark: str, **condition: str) -> bool:
    """Put an object under a condition (`IfNoneMatch="*"` or `IfMatch=etag`); tell whether this put was done.

    Args:
        store: The file system.
        inner: Path inside it.
        content: What to put.
        mark: A word that no other put has; the same for each try of this one.
        condition: As S3's client names it.
    """
    bucket, key = _address(store, inner)
    try:
        store.call_s3("put_object", Bucket=bucket, Key=key, Body=content, Metadata={_MARK: mark}, **condition)
    except OSError as error:
        if http_status(error) not in (404, 412) or error_code(error) == "NoSuchBucket":
            raise
        return _mark(store, bucket, key) == mark
    return True


def has_conditional_put(store: Any, inner: str) -> bool:
    """Tell whether a bucket's store keeps to conditions of puts, by trying it out beside a path, once per process.

    Some stores refuse a condition, and some pass over it in silence.
    """
    bucket, _ = _address(store, inner)
    bucket_of = (repr(store.storage_options), bucket)
    if bucket_of not in _probed:
        _probed[bucket_of] = _probe(store, f"{inner.rpartition('/')[0]}/_tmp-probe-{uuid.uuid4().hex}")
    return _probed[bucket_of]


def _probe(store: Any, inner: str) -> bool:
    mark, new_mark = uuid.uuid4().hex, uuid.uuid4().hex
    try:
        first = put_if(store, inner, b"", mark, IfNoneMatch="*")
        return (
            first
            and not put_if(store, inner, b"", new_mark, IfNoneMatch="*")
            and not put_if(store, inner, b"", new_mark, IfMatch='"0"')
        )
    except OSError as error:
        if http_status(error) not in (400, 501):
            raise
        return False
    finally:
        remove(store, inner)


def _mark(store: Any, bucket: str, key: str) -> str:
    try:
        return str(store.call_s3("head_object", Bucket=bucket, Key=key).get("Metadata", {}).get(_MARK, ""))
    except FileNotFoundError:
        return ""


def _pages(store: Any, **request: str) -> Iterator[dict[str, Any]]:
    page: dict[str, Any] = {"IsTruncated": True}
    while page.get("IsTruncated"):
        token = page.get("NextContinuationToken")
        page = store.call_s3("list_objects_v2", **request, **({"ContinuationToken": token} if token else {}))
        yield page


def _address(store: Any, inner: str) -> tuple[str, str]:
    bucket, key, _ = store.split_path(inner)
    return bucket, key.strip("/")
