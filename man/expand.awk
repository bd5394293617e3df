# Replaces a line that holds only @SYNOPSIS@, @OPTIONS@, @EXAMPLE@ or @COMMANDS@ by what `wasme __man`
# prints, @VERSION@ anywhere, and the name of a constant, as @FETCH_MAX_SIZE@, by its value.
function include(part,    line, from, status) {
    from = wasme " __man " part
    while ((status = (from | getline line)) > 0)
        print line
    if (status < 0 || close(from) != 0)
        exit 1
}
function value(name,    line, from) {
    from = wasme " __man limit " name
    if ((from | getline line) <= 0)
        exit 1
    close(from)
    return line
}
$0 == "@SYNOPSIS@" { include("synopsis " command); next }
$0 == "@OPTIONS@" { include("options " command); next }
$0 == "@EXAMPLE@" { include("example " command); next }
$0 == "@COMMANDS@" { include("commands"); next }
{
    gsub(/@VERSION@/, version)
    while (match($0, /@[A-Z_]+@/))
        $0 = substr($0, 1, RSTART - 1) value(substr($0, RSTART + 1, RLENGTH - 2)) \
            substr($0, RSTART + RLENGTH)
    print
}
