"""SM4-GCM by the standard's own example; what is sealed comes back whole or not at all."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minkang.crypto import SealBroken, Sm4Key, new_key
from minkang.crypto.passphrase import new_passphrase, seal_under, unseal_under
from minkang.crypto.sealed_file import FRAME, SealedWriter, content_size, is_sealed, unsealed
from minkang.crypto.sm4 import SEALED_MORE

KEY = Sm4Key(bytes(range(16)))


def test_sm4_gcm_agrees_with_rfc_8998() -> None:
    # RFC 8998, appendix A.1
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    nonce = bytes.fromhex("00001234567800000000abcd")
    about = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    sealed = bytes.fromhex(
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    )
    tag = bytes.fromhex("83de3541e4c2b58177e065a9bf7b62ec")
    content = bytes.fromhex("aa" * 8 + "bb" * 8 + "cc" * 8 + "dd" * 8 + "ee" * 8 + "ff" * 8)
    content += bytes.fromhex("ee" * 8 + "aa" * 8)
    assert Sm4Key(key).unseal(nonce + sealed + tag, about) == content


@given(st.binary(max_size=300), st.binary(max_size=20))
def test_what_is_sealed_comes_back(content: bytes, about: bytes) -> None:
    sealed = KEY.seal(content, about)
    assert len(sealed) == len(content) + SEALED_MORE
    assert KEY.unseal(sealed, about) == content


@given(st.binary(max_size=100), st.data())
def test_any_changed_bit_is_noticed(content: bytes, data: st.DataObject) -> None:
    sealed = bytearray(KEY.seal(content, b"here"))
    bit = data.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBroken):
        KEY.unseal(bytes(sealed), b"here")


@given(st.binary(max_size=100), st.integers(0, 60))
def test_what_is_cut_off_or_elsewhere_is_noticed(content: bytes, length: int) -> None:
    sealed = KEY.seal(content, b"here")
    for wrong, about in ((sealed[: min(length, len(sealed) - 1)], b"here"), (sealed, b"there")):
        with pytest.raises(SealBroken):
            KEY.unseal(wrong, about)
    with pytest.raises(SealBroken):
        Sm4Key(new_key()).unseal(sealed, b"here")


def test_a_nonce_is_never_used_twice() -> None:
    nonces = {KEY.seal(b"", b"")[:12] for _ in range(5_000)}
    assert len(nonces) == 5_000


def file_of(content: bytes, parts: int) -> bytes:
    file = BytesIO()
    writer = SealedWriter(file, KEY.seal, b"a file")
    for begin in range(0, len(content), parts):
        writer.write(content[begin : begin + parts])
    writer.close()
    return file.getvalue()


def read(sealed: bytes, about: bytes = b"a file") -> bytes:
    file = BytesIO(sealed)
    assert is_sealed(file)
    return b"".join(unsealed(file, KEY.unseal, about, SEALED_MORE))


@pytest.mark.parametrize("size", [0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME, 3 * FRAME + 17])
def test_files_come_back_whatever_their_length(size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    sealed = file_of(content, 50_000)
    assert read(sealed) == content
    assert content_size(len(sealed), SEALED_MORE) == size


def test_frames_of_a_file_can_not_be_dropped_swapped_or_taken_elsewhere() -> None:
    sealed = file_of(bytes(3 * FRAME), FRAME)
    head, frame = 8, FRAME + SEALED_MORE
    first, second = sealed[head : head + frame], sealed[head + frame : head + 2 * frame]
    rest = sealed[head + 2 * frame :]
    for wrong in (
        sealed[: head + 2 * frame],
        sealed[:head] + second + first + rest,
        sealed[:head] + first + rest,
        sealed + second,
        sealed[:-1],
        sealed[:head],
    ):
        with pytest.raises(SealBroken, match="frame"):
            read(wrong)
    with pytest.raises(SealBroken, match="frame 0"):
        read(sealed, b"another file")


def test_only_the_passphrase_opens_what_is_sealed_under_it() -> None:
    passphrase = new_passphrase()
    sealed = seal_under(passphrase, b"keys", b"about")
    assert unseal_under(passphrase + "\n", sealed, b"about") == b"keys"
    for wrong, text in ((new_passphrase(), sealed), (passphrase, sealed[:-9]), (passphrase, b"{}")):
        with pytest.raises(SealBroken):
            unseal_under(wrong, text, b"about")
    greedy = sealed.replace(b'"memory_kib":65536', b'"memory_kib":99999999')
    assert greedy != sealed
    with pytest.raises(SealBroken, match="memory"):
        unseal_under(passphrase, greedy, b"about")
