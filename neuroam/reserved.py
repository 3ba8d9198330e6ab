"""Words that no variable of an equation may be called: Brian2, C++ or our code generator has them already."""

from __future__ import annotations

import re

CPP_KEYWORDS = frozenset([
    "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch",
    "char", "class", "compl", "concept", "const", "consteval", "constexpr", "const_cast", "continue", "co_await",
    "co_return", "co_yield", "decltype", "default", "delete", "do", "double", "dynamic_cast", "else", "enum",
    "explicit", "export", "extern", "false", "float", "for", "friend", "goto", "if", "inline", "int", "long",
    "mutable", "namespace", "new", "noexcept", "not", "not_eq", "nullptr", "operator", "or", "or_eq", "private",
    "protected", "public", "register", "reinterpret_cast", "requires", "return", "short", "signed", "sizeof",
    "static", "static_assert", "static_cast", "struct", "switch", "template", "this", "thread_local", "throw",
    "true", "try", "typedef", "typeid", "typename", "union", "unsigned", "using", "virtual", "void", "volatile",
    "wchar_t", "while", "xor", "xor_eq", "main", "std", "brian", "errno", "assert",
])  # fmt: skip
RESERVED = frozenset([
    "t", "dt", "i", "j", "k", "N", "xi", "pi", "inf", "e", "rand", "randn", "poisson", "size", "lastspike",
    "not_refractory", "t_in_timesteps", "None", "True", "False", "nan", "second", "volt", "amp", "ampere",
    "siemens", "farad", "hertz", "metre", "meter", "kilogram", "gram", "kelvin", "mole", "molar", "candela", "ohm",
    "coulomb", "joule", "watt", "tan", "log10", "exprel", "arccos", "arcsin", "timestep", "linux", "unix", "NULL",
    "NAN", "INFINITY", "EOF", "ref_left", "ref_steps", "ended", "silenced", "n_cells", "n_moving", "n_before",
    "learn_on", "learn_end", "is_there", "is_going", "carried",
])  # fmt: skip
# names that Brian2 has for units ...
UNIT_NAMES = re.compile(
    r"[YZEPTGMkhdcmunpfazy]?(metre|meter|kilogramm?e?|gramm?e?|second|amp|ampere|kelvin|mole?|candle|radian|steradian"
    r"|hertz|newton|pascal|joule|watt|coulomb|volt|farad|ohm|siemens|weber|tesla|henry|lumen|lux|becquerel|gray|sievert|katal|molar"
    r"|lit(er|re))[23]?|[kM]?Hz|[cmu]m[23]?|[mu]s|[mu]M|nM|[munp]A|[munp]S|[munp]F|[mu]V"
)
# ... and that our own code generator makes
GENERATED = re.compile(
    r"(new|rest|gaussian|uniform|flag|until)_\d+|(decay|stim|hold|seen|list|box|delay|share|touched|look|drawn|late)_\w+",
    re.ASCII,
)
