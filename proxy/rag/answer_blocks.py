"""Follows the blocks of Markdown that comes in pieces: is this place within code, or not for sure?

By the rules of CommonMark: fences of ``` and ~~~, also in quotations, and code that is indented by
four columns, which follows a blank line outside of lists. Called by `rag/markers.py`.
"""

_SPACE = " \t\r\n"
"""What is white space to Markdown; a line separator or a wide space is text."""
_QUOTATION = _SPACE + ">"
"""What a line of a quotation begins with."""
_BLOCK_OPENERS = " \t\n>*+-.)0123456789"
_LIST_OPENERS = "*+-0123456789:>!"
"""What a list, a definition, a quotation or an admonition begins with: below it, indented lines may
go on with it, after a blank line too."""
_FENCE_LENGTH = 3
_MAX_FENCE_INDENT = 3
"""Deeper it may be a fence within a list or a line of an indented block: the text above decides."""
_CODE_COLUMNS = 4


class AnswerBlocks:
    """Is told of all text in order, by `follow`; the rest says where that has come to."""

    def __init__(self) -> None:
        self.fence = ""
        """The run that opened the fence we are in."""
        self.is_lost = False
        """Whether readers of Markdown may differ on where blocks of code begin and end by now."""
        self.is_unbalanced = False
        """Whether this paragraph has had a backtick that nothing on its line closes."""
        self.opens_block = True
        """Whether the line has had nothing yet but what quotations and lists begin with."""
        self._fence_indent = 0
        self._is_fence_quoted = False
        self._is_quoted = False
        """Whether the line has begun with `>`."""
        self._space: str | None = ""
        """White space the line has begun with; None: there is more than that."""
        self._is_indented_code = False
        """Whether this line, or the last one that was not blank, is indented code."""
        self._follows_blank = True
        self._is_in_list = False
        """Whether something was begun at the margin that may go on in indented lines."""

    @property
    def begins_line(self) -> bool:
        """Whether the line has had nothing but white space."""
        return self._space is not None

    @property
    def is_code(self) -> bool:
        """Whether text here stands in a block of code."""
        return bool(self.fence) or self._is_indented_code

    def open_or_close_fence(self, run: str, rest: str) -> None:
        """Let a run of backticks or tildes at the beginning of a line open or close a fence."""
        if self.fence:
            if run.startswith(self.fence) and not rest.strip(_SPACE):
                self.fence = ""
        elif run[0] == "~" or "`" not in rest:
            self.fence, self._fence_indent = run, len(self._space or "")
            self._is_fence_quoted = self._is_quoted
            self.is_lost |= self._fence_indent > _MAX_FENCE_INDENT
        else:
            self.is_unbalanced = True

    def is_fence(self, run: str) -> bool:
        """Whether a run here may open or close a fence."""
        return self.begins_line and len(run) >= _FENCE_LENGTH

    def before(self, space: str) -> None:
        """Be told that something other than white space follows `space`, which is not out yet."""
        if self._space is None:
            return
        if self.fence and self._is_fence_quoted and not self._is_quoted:
            self.fence = ""
        elif self.fence:  # further out than its fence: a list may have ended, and the fence too
            self.is_lost |= len(self._space + space) < self._fence_indent

    def follow(self, text: str) -> None:
        """Be told of text that goes out."""
        if self.opens_block or "\n" in text or self._space is not None:
            for line in text.splitlines(keepends=True) if "\n" in text else (text,):
                self._follow(line)

    def settle_line(self, space: str, first: str) -> None:
        """Decide what kind of line this is, which begins with `space` and then `first`."""
        if self._space is None or self.fence:
            return
        columns = len((self._space + space).expandtabs(_CODE_COLUMNS))
        if columns < _CODE_COLUMNS:
            self._is_in_list = first in _LIST_OPENERS or (
                self._is_in_list and (columns > 0 or not self._follows_blank)
            )
            self._is_indented_code = False
        elif not self._is_indented_code:
            self._is_indented_code = self._follows_blank and not self._is_in_list

    def _follow(self, line: str) -> None:
        """Keep account of where in its line, and in what kind of line, the text stands."""
        begins_line = self._space is not None
        if begins_line and line.lstrip(_SPACE).startswith(">"):
            self._is_quoted = True
        said = line.strip(_QUOTATION) if begins_line else line.strip(_SPACE)
        if said and begins_line:
            self.before(line[: len(line) - len(line.lstrip(_QUOTATION))])
        if begins_line and (bare := line.lstrip(_SPACE)):
            self.settle_line(line[: len(line) - len(bare)], bare[0])
        if self.opens_block:
            self.opens_block = not line.strip(_BLOCK_OPENERS)
        if self._space is not None:
            self._space = None if said else self._space + line
        if line.endswith("\n"):
            self._follows_blank = self._space is not None
            if self._follows_blank:  # a blank line ends the paragraph
                self.is_unbalanced = False
            self._space, self.opens_block, self._is_quoted = "", True, False
