# What others make of texts: sacrebleu 2.6 (BLEU and its 13a tokens), tokenizers 0.23 (a byte-level BPE and a WordPiece trained here, and their
# numbers of strings that are hard), numpy in float64 (positions, what top-k and top-p leave), PyTorch 2.13 (perplexity).
# Writes text-figures.json.gz beside this file.
import gzip
import json
import os
import re
import random
from collections import Counter

import numpy as np
import sacrebleu
import tokenizers
import torch
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

out = {"versions": {"sacrebleu": sacrebleu.__version__, "tokenizers": tokenizers.__version__, "torch": torch.__version__}}

# -- positions
sinusoidal = lambda t, w: [[float(np.sin(p / 10000 ** (2 * (i // 2) / w)) if i % 2 == 0 else np.cos(p / 10000 ** (2 * (i // 2) / w))) for i in range(w)] for p in range(t)]


def rotary(x, offset, base, interleaved):
    """Each pair as a complex number, times e^(i p w)."""
    t, w = x.shape[-2:]
    turn = np.exp(1j * np.outer(np.arange(offset, offset + t), base ** (-2 * np.arange(w // 2) / w)))
    y = np.empty_like(x)
    a, b = (slice(0, w, 2), slice(1, w, 2)) if interleaved else (slice(0, w // 2), slice(w // 2, w))
    z = (x[..., a] + 1j * x[..., b]) * turn
    y[..., a], y[..., b] = z.real, z.imag
    return y


rng = np.random.default_rng(0)
x = rng.normal(size=(2, 3, 5, 8))
out["sinusoidal"] = {"even": sinusoidal(20, 6), "odd": sinusoidal(4, 5)}
out["rotary"] = {
    "x": x.tolist(),
    "cases": [
        {"offset": o, "base": b, "interleaved": i, "y": rotary(x, o, b, i).tolist()}
        for o, b, i in [(0, 10000.0, False), (7, 10000.0, False), (3, 500.0, True)]
    ],
}


# -- what is left to draw from, by the definitions of Hugging Face's warpers: scores in, probabilities out
def kept(logits, seen, penalty, temperature, top_k, top_p):
    s = np.array(logits, dtype=np.float64)
    for i in set(seen):
        s[i] = s[i] * penalty if s[i] < 0 else s[i] / penalty
    s = s / temperature
    if top_k:
        s[s < np.sort(s)[-min(top_k, len(s))]] = -np.inf
    if top_p and top_p < 1:
        order = np.argsort(s, kind="stable")
        p = np.exp(s[order] - s.max())
        remove = np.cumsum(p / p.sum()) <= 1 - top_p
        remove[-1] = False
        s[order[remove]] = -np.inf
    p = np.exp(s - s.max())
    return (p / p.sum()).tolist()


out["choices"] = []
for n, penalty, temperature, top_k, top_p in [
    (9, 1.0, 1.0, None, None), (9, 1.0, 0.7, None, None), (9, 1.0, 1.0, 3, None), (9, 1.0, 1.0, None, 0.8), (9, 1.3, 1.0, None, None),
    (9, 1.2, 1.5, 6, 0.9), (9, 0.8, 0.5, None, 0.5), (30, 1.1, 0.9, 10, 0.95), (30, 1.0, 1.0, 40, 0.05), (5, 1.0, 1.0, 1, None),
]:  # fmt: skip
    logits, seen = (3 * rng.normal(size=n)).tolist(), rng.integers(0, n, 4).tolist()
    out["choices"].append(
        {"logits": logits, "seen": seen, "repetitionPenalty": penalty, "temperature": temperature, "topK": top_k, "topP": top_p,
         "probabilities": kept(logits, seen, penalty, temperature, top_k, top_p)}  # fmt: skip
    )

# -- BLEU
nasty = [
    "Hello, world!", "It's 3.14, not 3,14; 1-2 or a-b.", "&quot;quoted&quot; &amp; &lt;tag&gt; &amp;lt;", "tabs\tand\nlines - \u00a0 and\u3000spaces",
    "e.g. U.S.A. vs. 10,000.5%", "<skipped>gone", "end-\nof line", "{[(~`^_|\\@#$*+=/<>?:;)]}", "naïve café – “quotes” … 日本語。", "a.b,c .5 5. ,", "", "   ",
    "😀.😀,9-😀", "\x1c\x85x", "'tis o'clock \u2019", "5-6-7 a- -a",
]  # fmt: skip
tok = Tokenizer13a()
out["tokens13a"] = [[line, tok(line).split()] for line in nasty]
hyps = ["The dog bit the man.", "It was not unexpected.", "The man bit him first.", "A cat, on 3.5 mats!", "x"]
refs = [
    ["The dog bit the man.", "The dog had bit the man."], ["It was not surprising.", "No one was surprised."],
    ["The man had just bitten it.", "The man had bitten the dog."], ["a cat on 3.5 mats!", "The cats, on mats of 3.5."], ["x", "y z"],
]  # fmt: skip
methods = {"none": "none", "floor": "floor", "addOne": "add-k", "exp": "exp"}
out["bleu"] = []
for name, pick in {"corpus": [0, 1, 2, 3, 4], "short": [4], "two": [1, 3], "nothing": None}.items():
    h = ["no match here"] if pick is None else [hyps[i] for i in pick]
    r = [["other words altogether"]] if pick is None else [refs[i] for i in pick]
    for ours, method in methods.items():
        for n in (4, 2):
            m = sacrebleu.BLEU(smooth_method=method, max_ngram_order=n)
            s = m.corpus_score(h, [list(c) for c in zip(*r)])
            out["bleu"].append(
                {"candidates": h, "references": r, "smoothing": ours, "maxN": n, "score": s.score / 100, "precisions": [p / 100 for p in s.precisions],
                 "brevityPenalty": s.bp, "candidateLength": s.sys_len, "referenceLength": s.ref_len}  # fmt: skip
            )

# -- words, by the published table of torchtext's basic_english, and the order of its vocabularies
table = [(r"\'", " '  "), (r"\"", ""), (r"\.", " . "), (r"<br \/>", " "), (r",", " , "), (r"\(", " ( "), (r"\)", " ) "), (r"\!", " ! "), (r"\?", " ? "), (r"\;", " "), (r"\:", " "), (r"\s+", " ")]


def basic_english(line):
    line = line.lower()
    for pattern, put in table:
        line = re.sub(pattern, put, line)
    return line.split()


lines = [line for line in nasty if "\x1c" not in line] + ["Line<br />break; (It's) \"fine\": OK?", "ÄÖÜ ẞ İstanbul"]
out["words"] = [[line, basic_english(line)] for line in lines]
counts = Counter(t for line in lines + lines[:5] + ["\U00010000 \uffee"] for t in basic_english(line))
out["vocab"] = {
    "lines": [basic_english(line) for line in lines + lines[:5] + ["\U00010000 \uffee"]],
    "cases": [
        {"minFreq": m, "tokens": ["<unk>", "<pad>"] + [t for t, c in sorted(counts.items(), key=lambda e: (-e[1], e[0])) if c >= m]} for m in (1, 2, 3)
    ],
}

# -- perplexity
torch.manual_seed(0)
logits, targets = torch.randn(2, 4, 5) * 2, torch.randint(0, 5, (2, 4))
masked = targets.clone()
masked[0, 1:3] = -100
f = lambda t: torch.nn.functional.cross_entropy(logits.view(-1, 5).double(), t.view(-1)).exp().item()
out["perplexity"] = {"logits": logits.tolist(), "targets": targets.tolist(), "masked": masked.tolist(), "all": f(targets), "some": f(masked)}

# -- subwords
random.seed(0)
syllables = ["ka", "lo", "mi", "ré", "tun", "ö", "ing", "the", "un", "日", "本"]
corpus = [" ".join("".join(random.choices(syllables, k=random.randint(1, 4))) for _ in range(8)) + random.choice([".", "!", "?\n", " 😀"]) for _ in range(120)]
hard = nasty + [
    "the king is kaloming", "UPPER lower MiXeD", "  leading and trailing  ", "\n\n\nlines\r\n", "👩‍👩‍👧‍👦 family", "e\u0301 combining é", "\u202eright to left\u202c שלום",
    "[CLS] not special? [SEP]", "<|endoftext|>the<|endoftext|>", "\x00\x01 controls", "ﬁ ligature ½", "don't you're I'll 1st", "a" * 60, "日本語 日本", "\ufeffbom",
]  # fmt: skip
bpe = Tokenizer(models.BPE())
bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
bpe.decoder = decoders.ByteLevel()
bpe.post_processor = processors.ByteLevel(trim_offsets=False)
alphabet = pre_tokenizers.ByteLevel.alphabet()
bpe.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=330, special_tokens=["<|endoftext|>"], initial_alphabet=alphabet, show_progress=False))
piece = Tokenizer(models.WordPiece(unk_token="[UNK]"))
piece.normalizer = normalizers.BertNormalizer(lowercase=True)
piece.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
piece.decoder = decoders.WordPiece(prefix="##")
specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
piece.train_from_iterator(corpus, trainers.WordPieceTrainer(vocab_size=120, special_tokens=specials, show_progress=False))
piece.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", piece.token_to_id("[CLS]")), ("[SEP]", piece.token_to_id("[SEP]"))])
piece.enable_padding(pad_id=piece.token_to_id("[PAD]"), pad_token="[PAD]")
out["subwords"] = {}
for name, t in {"bpe": bpe, "wordpiece": piece}.items():
    cases = []
    for line in hard:
        t_ids, bare = t.encode(line).ids, t.encode(line, add_special_tokens=False).ids
        cases.append({"text": line, "ids": t_ids, "bare": bare, "decoded": t.decode(t_ids), "whole": t.decode(t_ids, skip_special_tokens=False)})
    out["subwords"][name] = {"file": json.loads(t.to_str()), "vocabSize": t.get_vocab_size(), "cases": cases}
rows = piece.encode_batch(["the king", "kalo", "日 mi ré tun"])
out["subwords"]["wordpiece"]["batch"] = {"texts": ["the king", "kalo", "日 mi ré tun"], "ids": [r.ids for r in rows], "mask": [r.attention_mask for r in rows]}

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "text-figures.json.gz")
with gzip.GzipFile(path, "wb", mtime=0) as file:
    file.write(json.dumps(out, ensure_ascii=True).encode())
