"""The simulated Microsoft as a child process, reached over https, as MSAL wants it.

The TLS end is in here, not in the simulator: it only moves bytes, so what the clients judge is still the simulator, and
Rust needs no second TLS stack and no library that makes certificates. The certificate authority lives for one run.
"""

import asyncio
import contextlib
import datetime
import json
import pathlib
import ssl
import subprocess
import threading
from urllib.parse import parse_qsl

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = pathlib.Path(__file__).resolve().parents[2]
START = ["cargo", "run", "--locked", "--quiet", "--example", "microsoft", "--"]


def write_certificates(folder):
    """An authority of our own, and a certificate for `localhost` by it; gives the paths of both."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Simulated Microsoft CA")])
    now = datetime.datetime.now(datetime.timezone.utc)
    keys = {"ca": ec.generate_private_key(ec.SECP256R1()), "leaf": ec.generate_private_key(ec.SECP256R1())}

    def certificate(subject, key, extensions):
        builder = x509.CertificateBuilder(issuer_name=name, subject_name=subject, public_key=key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(hours=1))
        builder = builder.not_valid_after(now + datetime.timedelta(hours=12))
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(keys["ca"], hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    may_sign = x509.KeyUsage(False, False, False, False, False, True, False, False, False)
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(keys["ca"].public_key())
    own_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    authority = certificate(name, keys["ca"], [
        (x509.BasicConstraints(ca=True, path_length=0), True), (may_sign, True),
        (x509.SubjectKeyIdentifier.from_public_key(keys["ca"].public_key()), False)])
    leaf = certificate(own_name, keys["leaf"], [
        (x509.BasicConstraints(ca=False, path_length=None), True), (issued_by, False),
        (x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)])
    secret = keys["leaf"].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "ca.pem").write_bytes(authority)
    (folder / "leaf.pem").write_bytes(leaf + secret)
    return folder / "ca.pem", folder / "leaf.pem"


class Terminator:
    """Takes TLS off on a port of `localhost` and hands the bytes on."""

    def __init__(self, certificate):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self.upstream = None
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        started = asyncio.run_coroutine_threadsafe(self._listen(), self._loop)
        self.url = f"https://localhost:{started.result(timeout=10)}"

    async def _listen(self):
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0, ssl=self._context)
        return server.sockets[0].getsockname()[1]

    async def _carry(self, reader, writer):
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self.upstream)

        async def move(source, sink):
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                while data := await source.read(65536):
                    sink.write(data)
                    await sink.drain()
            sink.close()

        await asyncio.gather(move(reader, inner_writer), move(inner_reader, writer))


class Microsoft:
    """A running simulator. It ends when its standard input is closed, whatever becomes of us."""

    def __init__(self, folder):
        self.ca, certificate = write_certificates(folder)
        terminator = Terminator(certificate)
        self.url = terminator.url
        self._child = subprocess.Popen(
            [*START, self.url], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        told = json.loads(self._child.stdout.readline())
        terminator.upstream = told["port"]
        self.client_id, self.client_secret = told["client_id"], told["client_secret"]
        self.redirect_uri = told["redirect_uri"]
        self.http = requests.Session()
        self.http.verify = str(self.ca)

    def switch(self, name, **body):
        """Presses a switch of the simulated tenant."""
        answer = self.http.post(f"{self.url}/switch/{name}", json=body)
        answer.raise_for_status()

    def visit(self, address, user, answer):
        """Plays the person at Microsoft's pages; gives the parameters that come back to the app."""
        steps = [{"step": "account", "user": user}, {"step": "consent", "user": user, "answer": answer}]
        assert self.http.get(address, allow_redirects=False).status_code == 200
        for form in steps:
            page = self.http.post(address, data=form, allow_redirects=False)
            if page.status_code == 302:
                place, _, query = page.headers["location"].partition("?")
                assert place == self.redirect_uri, place
                return dict(parse_qsl(query))
        raise AssertionError(f"nothing came back: {page.text}")

    def close(self):
        self._child.stdin.close()
        self._child.wait(timeout=30)

