# Replaces lines that hold only @SYNOPSIS@, @OPTIONS@, @EXAMPLE@ or @COMMANDS@ by what `wasme __man` prints,
# and @VERSION@ anywhere.
function include(part,    line, from, status) {
    from = wasme " __man " part
    while ((status = (from | getline line)) > 0)
        print line
    if (status < 0 || close(from) != 0)
        exit 1
}
$0 == "@SYNOPSIS@" { include("synopsis " command); next }
$0 == "@OPTIONS@" { include("options " command); next }
$0 == "@EXAMPLE@" { include("example " command); next }
$0 == "@COMMANDS@" { include("commands"); next }
{ gsub(/@VERSION@/, version); print }
