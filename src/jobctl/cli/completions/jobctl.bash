# Completion of jobctl for bash: eval "$(jobctl completion bash)" in ~/.bashrc. jobctl itself knows what fits.
_jobctl_unquote() { # a word as it is typed: sets current to what it means, quote to one that is open
    local rest=$1
    current='' quote=''
    while [[ $rest ]]; do
        case $quote${rest:0:1} in
            \\ | \"\\) current+=${rest:1:1} rest=${rest:1} ;;
            \' | \") quote=${rest:0:1} ;;
            \'\' | \"\") quote='' ;;
            *) current+=${rest:0:1} ;;
        esac
        rest=${rest:1}
    done
}
_jobctl() {
    local line=${COMP_LINE:0:COMP_POINT} words=() begins=() rest i
    # Readline takes words apart at "=", ":" and "@"; what stands together belongs together.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        rest=${line#"${line%%[![:space:]]*}"}
        local word=${COMP_WORDS[i]}
        ((i < COMP_CWORD)) || word=$rest
        if ((i > 0)) && [[ $rest == "$line" ]]; then
            words[${#words[@]}-1]+=$word
        else
            words+=("$word")
            begins+=("$i")
        fi
        line=${rest#"$word"}
    done

    # What stands in the last word before the part that readline replaces: no answer repeats that.
    local raw=${words[${#words[@]}-1]} head current quote
    head=${raw%"$word"}
    [[ $word != *[!=:@]* && $COMP_WORDBREAKS == *"${word: -1}"* ]] && head=$raw
    for i in "${!words[@]}"; do
        _jobctl_unquote "${words[i]}"
        words[i]=$current
    done
    local open=$quote
    _jobctl_unquote "$head"
    head=$current current=${words[${#words[@]}-1]}

    local program=${words[0]/#\~\//$HOME/} kind value about values=() abouts=() longest=0
    {
        read -r kind
        while IFS=$'\t' read -r value about; do
            value=${value#"$head"}
            # Within quotes that are open readline adds none; there is no way to write the same quote.
            case $open in
                \') [[ $value != *\'* ]] || continue ;;
                \") value=${value//[\\]/\\\\} value=${value//\"/\\\"} value=${value//\$/\\$} value=${value//\`/\\\`} ;;
                *) [[ ! $value ]] || printf -v value %q "$value"; value=${value//\\,/,} ;;
            esac
            values+=("$value")
            abouts+=("$about")
            ((${#value} <= longest)) || longest=${#value}
        done
    } < <("$program" complete-words "${words[@]:1}" 2>/dev/null)

    COMPREPLY=()
    case $kind in
        files | directories)
            local option=
            [[ $current != --*=* ]] || option=${current%%=*}=
            compopt -o filenames 2>/dev/null
            local flag=-f
            [[ $kind == files ]] || flag=-d
            while IFS= read -r value; do
                value=$option$value
                COMPREPLY+=("${value#"$head"}")
            done < <(compgen "$flag" -- "${current#"$option"}")
            ;;
        command\ *)
            local first=${kind#command }
            local offset=${begins[first]}
            if declare -F _comp_command_offset >/dev/null; then
                _comp_command_offset "$offset"
            elif declare -F _command_offset >/dev/null; then
                _command_offset "$offset"
            else
                compopt -o filenames 2>/dev/null
                local flag=-f
                ((first < ${#words[@]} - 1)) || flag=-c
                while IFS= read -r value; do
                    COMPREPLY+=("$value")
                done < <(compgen "$flag" -- "$current")
            fi
            ;;
        *)
            compopt -o nosort 2>/dev/null
            for i in "${!values[@]}"; do
                value=${values[i]}
                # With what each is about, where they are listed and not inserted one after the other.
                if ((${#values[@]} > 1 && COMP_TYPE != 37 && COMP_TYPE != 42)) && [[ ${abouts[i]} ]]; then
                    printf -v value '%-*s  (%s)' "$longest" "$value" "${abouts[i]:0:60}"
                fi
                COMPREPLY+=("$value")
            done
            ;;
    esac
}
complete -F _jobctl jobctl
