"""Number formats of office programs that show a raw number as `wording.numbers` writes it."""

from mixmodel_app.wording.numbers import Format, look

_PLAIN = {
    Format.TEXT: "General",
    Format.PERCENT: "[<0.0995]0.0%;0%",
    Format.NUMBER: "0.000",
    Format.COUNT: "#,##0",
    Format.RHAT: "0.000",
    Format.DATE: "yyyy-mm-dd",
}


def number_format(style: Format) -> str:
    """The format for one column, the currency in front as in texts; amounts have decimals below 100.

    Which separators stand for "," and "." is the choice of the program that opens the file.
    """
    sign = {Format.MONEY: look().prefix, Format.OUTCOME: look().outcome_prefix, Format.RETURN: look().outcome_prefix}
    before = f'"{sign[style]}"' if sign.get(style) else ""
    if style in (Format.MONEY, Format.OUTCOME, Format.AMOUNT):
        return f"[>=100]{before}#,##0;[<=-100]-{before}#,##0;{before}#,##0.00"
    if style is Format.RETURN and look().counts:
        return "[>=0.99995]#,##0.00;[>=0.009995]0.00##;0.00###"
    if style is Format.RETURN:
        return f"{before}#,##0.00"
    return _PLAIN[style]
