"""Settings: where they come from, and what is refused with the place and the bound."""

from pathlib import Path

import pytest

from minkang.api import Limits
from minkang.app.web import limits_of
from minkang.config import Settings, SettingsError, WatchedFolder, load_settings


def loaded(folder: Path, text: str = "", **environment: str) -> Settings:
    (folder / "minkang.toml").write_text(text, encoding="utf-8")
    return load_settings(environment, folder)


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    assert load_settings({}, tmp_path) == Settings(home=tmp_path / ".minkang")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    found = loaded(tmp_path, "port = 8001\nmllp_port = 2576\n", MINKANG_PORT="8002")
    assert (found.port, found.mllp_port) == (8002, 2576)


def test_the_limits_of_the_fhir_base_are_settings(tmp_path: Path) -> None:
    assert limits_of(loaded(tmp_path)) == Limits()
    text = """
        fhir_body_bytes = 100000
        fhir_address_bytes = 2000
        fhir_header_bytes = 5000
        fhir_json_depth = 20
        fhir_bundle_entries = 7
        fhir_request_seconds = 9
        export_hours = 3
        """
    assert limits_of(loaded(tmp_path, text)) == Limits(
        body=100_000, address=2_000, headers=5_000, depth=20, entries=7, seconds=9, export_hours=3
    )


def test_watched_folders_are_a_list_of_tables(tmp_path: Path) -> None:
    text = "watch = [{folder = '/srv/in', source = 'yunxi', format = 'table'}]"
    wanted = WatchedFolder(folder=Path("/srv/in"), source="yunxi", format="table")
    assert loaded(tmp_path, text).watch == (wanted,)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("fhir_body_bytes = 10", "`int` >= 65536 - at `$.fhir_body_bytes`"),
        ("fhir_body_bytes = 1e3", "`$.fhir_body_bytes`"),
        ("fhir_body_bytes = -1", "`$.fhir_body_bytes`"),
        ("fhir_body_bytes = 99999999999", "`int` <= 536870912 - at `$.fhir_body_bytes`"),
        ("fhir_body_bytes = '50MB'", "`$.fhir_body_bytes`"),
        ("fhir_json_depth = 0", "`$.fhir_json_depth`"),
        ("fhir_json_depth = 10000", "`$.fhir_json_depth`"),
        ("fhir_bundle_entries = true", "`$.fhir_bundle_entries`"),
        ("fhir_request_seconds = 0", "`int` >= 1 - at `$.fhir_request_seconds`"),
        ("fhir_request_seconds = inf", "`$.fhir_request_seconds`"),
        ("export_hours = nan", "`$.export_hours`"),
        ("fhir_entries = 5", "unknown field `fhir_entries`"),
        ("watch = [{folder = '/srv/in'}]", "missing required field `source`"),
        ("watch = [{folder = '/a', source = 'b', settle_seconds = -1}]", "settle_seconds`"),
        ("port = 0", "`$.port`"),
        ("mllp_port = 70000", "`$.mllp_port`"),
        ("web_processes = -1", "`$.web_processes`"),
        ("disk_reserve_bytes = -1", "`$.disk_reserve_bytes`"),
        ("log_format = 'xml'", "`$.log_format`"),
        ("port = ", "minkang.toml"),
    ],
)
def test_nonsense_is_refused_with_its_name(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        loaded(tmp_path, line)
    assert said in str(refused.value)


def test_a_port_of_the_environment_is_judged_too(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"\$\.port"):
        loaded(tmp_path, "", MINKANG_PORT="0")


def test_the_log_in_has_a_table_and_providers_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "minkang.toml").write_text(
        'proxies = ["10.0.0.0/24"]\n'
        "[login]\npassword_length = 14\n[login.sessions.administrator]\nidle_minutes = 5\n"
        '[[oidc]]\nid = "city"\nname = "市"\nissuer = "https://sso.example"\nclient_id = "m"\n'
        'client_secret_file = "/etc/minkang/oidc"\n',
        encoding="utf-8",
    )
    settings = load_settings({}, tmp_path)
    assert settings.login.password_length == 14
    assert settings.login.sessions["administrator"].idle_minutes == 5
    assert settings.oidc[0].client_secret_file == Path("/etc/minkang/oidc")
    assert settings.proxies == ("10.0.0.0/24",)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('proxies = ["the proxy"]', "proxies"),
        ("[login]\npassword_length = 4", "password_length"),
        ("[login]\nsecret = 1", "secret"),
        ('[[oidc]]\nid = "City!"\nname = "x"\nissuer = "x"\nclient_id = "x"', "oidc"),
        ('[[oidc]]\nid = "a"\nname = "x"\nissuer = "x"\nclient_id = "x"\nclient_secret = "x"',
         "client_secret"),
    ],
)  # fmt: skip
def test_a_setting_of_the_log_in_that_makes_no_sense_is_refused(
    tmp_path: Path, text: str, place: str
) -> None:
    (tmp_path / "minkang.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=place):
        load_settings({}, tmp_path)
