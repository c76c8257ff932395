"""Words beside a number that tell what it counts: work, parts of work, or something else altogether."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: The percentage measures something else than work done.
OTHER_QUANTITY: Final = re.compile(
    r"\b(?:\w*accuracy|\w*acc|cpu\d*|cpus?|gpu\d*|gpus?|core\d+|mem|memory|ram|heap|disk|swap|load|usage|used|in use"
    r"|util(?:i[sz]ation)?|utilized|ratio|compress(?:ed|ion)|coverage|covered|cover|free|idle|loss|lost|losses|hits?"
    r"|miss(?:es)?|rate|success|pass(?:ed)|confidence|prob(?:ability)?|score|similarity|similar|identit(?:y|ies)|gaps"
    r"|battery|charge[d]?|volume|humidity|moisture|brightness|backlight|opacity|zoom|scale|deflated|saved|savings"
    r"|reduc(?:ed|tion)|decrease[d]?|increase[d]?|smaller|larger|faster|slower|renamed?|precision|recall|f1|auc"
    r"|change[ds]?|threshold|quality|level(?!=)|packet|threads?|growth|stored|uncompressed|original|tests? passed"
    r"|errors?|full|capacity|avail(?:able)?|of cpu|cached?|buffer|per|discount|tax|interest|chance|signal"
    r"|temp(?:erature)?|std|stdev|variance|efficiency|overhead|duty|consumed|dedup|gap|improvement|speedup|mapped"
    r"|paired|executed|match(?:ed|es)?|correct|wins?|left|remaining|remain|fan|busy|quota|pressure|throttle|torque"
    r"|rejected|recovered|dropped|skipped|fifo|buf|stalled|abort(?:ed)?|progress_note|confidence|rated|yes|no"
    r"|warmup ratio|uptime|availability|statements|branches)\b"
    r"|=>\s*$|[<>≤≥±]=?\s*$|\bat least\s*$|\bmore than\s*$|\bless than\s*$|\bup to\s*$",
    re.IGNORECASE,
)
#: The count behind these words is none of work done.
OTHER_COUNT: Final = re.compile(
    r"\b(?:retry|retries|retrying|attempts?|tr(?:y|ies)|workers?|threads?|nodes?|cpus?|cores?|version|v|date|port|chk"
    r"|remaining|left|replicas?|rank|ranks|member|hosts?|ready|available|healthy|score|rating|rated|page size|priority"
    r"|level|slots?|exit|code|failed|failures?|errors?|skipped|rejected|recovered|http|python|kernel|channels?|gpus?"
    r"|devices?|players?|lives|rev|revision|release|build|connections?|clients?|peers?|seeds?|backoff|warnings?"
    r"|correct|identities|wins?|won|lost|votes?|acks?|passed|ratio|accuracy|used|in use|limit|patch|quota|hits?"
    r"|misses|hits/misses|odds|scale|pool|size|found|kept|matched|busy|fan|pwm|angle|question|solved|rolled)\b\W*$",
    re.IGNORECASE,
)
#: So is the count before these.
OTHER_COUNT_AFTER: Final = re.compile(
    r"^\W*(?:\w+ )?(?:workers?|threads?|nodes?|cpus?|cores?|retries|attempts?|replicas?|hosts?|ready|remaining|left"
    r"|healthy|failed|errors?|available|online|connected|stars|points|channels?|passed|connections?|peers?|free|used"
    r"|running|idle|pending|fps|kept|matched|votes|sold|unique|covered|were|was|are|is|warnings?)\b",
    re.IGNORECASE,
)
#: What a size is a share of that is no work.
MEMORY: Final = re.compile(r"\b(?:mem|memory|gpu|ram|heap|swap|swp|disk|quota|used|free|rss|vram)\b", re.IGNORECASE)
#: What a program does several of, each with a bar of its own.
PART: Final = re.compile(
    r"\b(?:epoch|pass|stage|phase|step|round|part|file|item|task|iteration|iter|fold|run|batch|chunk|segment|disc|track"
    r"|volume|layer|frag|fragment|level|attempt|loop|cycle|job|test|set|package|image|video|url|link|page|shard|disk"
    r"|trial)s?\s*[#:=]?\s*\W?$",
    re.IGNORECASE,
)
#: A number of such a part, so that the fraction behind it is one of this part: `Epoch 3: 45%`, `Epoch: [3][5/90]`.
_NUMBERED: Final = (
    r"\b(?:epoch|pass|stage|phase|round|part|fold|run|disc|track|volume|trial|cycle|shard|chain|fra|frame)s?(?:\s*\(\w+\))?\s*[#:=]?\s*"
    r"\[?\d+\b(?!\s*(?:/|of)\s*\d)"
)
_OF_PART: Final = re.compile(
    rf"^\W*(?:(?:train(?:ing)?|test(?:ing)?|valid(?:ation|ating)?|eval\w*)\W*)?{_NUMBERED}|{_NUMBERED}\W*$"
    r"|\b\d+-of-(?!0*1\b)\d+\b",
    re.IGNORECASE,
)
#: Things that are worked through one by one, as the last word before a count, and what may stand before them.
_THING: Final = re.compile(
    r"\b(?P<thing>epoch|pass|stage|phase|step|round|part|file|item|task|iteration|iter|it|fold|run|batch|chunk|segment"
    r"|fragment|job|test|package|image|video|url|tile|frame|row|record|block|generation|gen|trial|document|doc|commit"
    r"|module|query|table|scene|slice|object|cell|page|layer|sector|request|episode|chapter"
    r"|datei|seite|schritt|bild|zeile|fichier|\u00e9tape|ligne|archivo|paso)s?(?:\s*\(\w+\))?\W*$",
    re.IGNORECASE,
)
_BEFORE_THING: Final = frozenset(("global", "train", "test", "build", "current", "total", "on", "at"))
#: Of these there are kinds: `global step`, `inner iteration`.
_OF_KINDS: Final = ("step", "epoch", "iter", "batch")
_WORD: Final = re.compile(r"\w+")
#: What was done to things, as a word that counts them.
DID: Final = (
    r"processed|finished|complete[d]?|done|copied|moved|written|read|converted|rendered|encoded|decoded|transferred"
    r"|received|sent|uploaded|downloaded|imported|exported|(?:re)?indexed|scanned|scrubbed|analy[sz]ed|synced"
    r"|synchroni[sz]ed|installed|built|compiled|extracted|unpacked|migrated|verified|checked|parsed|fetched|loaded"
    r"|inserted|deployed|rescued|restored|hashed|rewritten|trained|generated|computed|evaluated|visited|crawled"
    r"|archived|packed|flashed|programmed|erased|wiped|tested|replayed|applied|tokeni[sz]ed|annotated|merged|sorted"
    r"|transcoded|resized|cropped|cleaned|embedded|ingested|transformed|simulated|validated|encrypted|decrypted"
    r"|linked|published|pushed|pulled|cloned|mirrored|translated|issued|rewrite"
)
#: In the languages in which programs say it most.
_PROGRESS: Final = (
    r"progress(?:ion|o|us)?|overall|total|fortschritt|avancement|avance|voortgang|прогресс|postęp|ilerleme"
    r"|\u8fdb\u5ea6|\u9032\u6357|\u9032\u5ea6"
)
#: Words that say of a fraction beside them that it is of work.
WORK: Final = re.compile(rf"\b(?:{_PROGRESS}|{DID})\b(?!\.\w)", re.IGNORECASE)
#: What is being done; but not what only is so.
DOING: Final = re.compile(
    r"\b(?!(?:wait|us|pend|remain|miss|exist|runn?|rat|str|th|dur|includ|everyth|noth|someth|anyth|accord|be|hav|charg"
    r"|retry|start|launch|spawn|sleep|k|r|spr|p|warn|sett|tim|los|winn|liv|stay|pric|end|stand|idl|rid|increas|decreas|ris|fall|sav|spend"
    r"|return|learn|listen|need|requir|show|us|see|morn|even|even|mean|follow|leav|expect|fail|pass|cover|cool|heat"
    r"|rema|act|limit|connect|stream|dur|feel|mov|play)ing\b)[^\W\d_]{2,}ing\b(?!\.\w)",
    re.IGNORECASE,
)


def counts_things(label: str) -> bool:
    """Return whether what stands behind *label* counts things that are worked through: `Processing file`, `step`."""
    found = _THING.search(label)
    if found is None:
        return False
    # Word by word, and not by one expression: that would try the same words in ever other ways.
    before = [word.lower() for word in _WORD.findall(label[: found.start()].rpartition(": ")[2])]
    if before and found["thing"].lower().startswith(_OF_KINDS) and 2 <= len(before[-1]) <= 12:
        before.pop()
    return all(word in _BEFORE_THING or (word.endswith("ing") and len(word) > 3) for word in before)


def is_of_part(label: str) -> bool:
    """Return whether the fraction behind *label* is one of a numbered part: `Epoch 3: 45%`, `a-2-of-5.bin: 45%`."""
    return bool(_OF_PART.search(label))
