# Sourced by the scripts of this folder. Each takes --help, which prints the comment on top of it; what a script does not understand ends it
# with one line and exit code 2, before it has done anything.

wrong_use() {
    echo "${0##*/}: $1" >&2
    exit 2
}

# takes OPTION... -- ARGUMENT...
takes() {
    local known=() argument option
    while [ "$1" != -- ]; do known+=("$1"); shift; done
    shift
    for argument in "$@"; do
        if [ "$argument" = --help ]; then
            sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
            exit 0
        fi
        for option in ${known[@]+"${known[@]}"}; do
            [ "$argument" != "$option" ] || continue 2
        done
        wrong_use "'${argument//[[:cntrl:]]/ }' is not understood. It takes ${known[*]:-no option}${known[*]:+, or nothing}."
    done
}
