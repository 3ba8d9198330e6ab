"""English words of closed classes: they join other words and say little about what a text is about."""

from __future__ import annotations

_CLASSES = {
    "determiners": "a an the this that these those such each every either neither some any no all both half another "
    "other own same few many much more most less least several enough",
    "pronouns": "i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself "
    "she her hers herself it its itself they them their theirs themselves one ones who whom whose which what whatever "
    "whoever someone something anyone anything everyone everything nobody nothing none there here",
    "prepositions": "of in to for with on at by from as into onto about like through after over between out against "
    "during without before under around among within along across behind beyond up down off above near since until "
    "upon toward towards per via than",
    "conjunctions and adverbs that connect": "and or but nor so yet if because although though while whereas whether "
    "when whenever where wherever why how then thus therefore however also only just even too very not never ever "
    "always often again once further still already almost rather quite perhaps instead else",
    "auxiliary verbs": "be am is are was were been being have has had having do does did doing done will would shall "
    "should can could may might must ought cannot",
    "pieces of contractions": "s t d ll m re ve don doesn didn isn aren wasn weren hasn haven hadn won wouldn shouldn "
    "couldn",
}
ENGLISH = frozenset(word for words in _CLASSES.values() for word in words.split())
