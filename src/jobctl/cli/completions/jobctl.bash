# Completion of jobctl for bash: eval "$(jobctl completion bash)" in ~/.bashrc. jobctl itself knows what fits.
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

    local current=${words[${#words[@]}-1]} program=${words[0]/#\~\//$HOME/} kind value about values=() abouts=() longest=0
    {
        read -r kind
        while IFS=$'\t' read -r value about; do
            # What readline has taken apart it puts together again.
            [[ $COMP_WORDBREAKS == *=* && $value == --*=* ]] && value=${value#*=}
            printf -v value %q "$value"
            values+=("$value")
            abouts+=("$about")
            ((${#value} <= longest)) || longest=${#value}
        done
    } < <("$program" complete-words "${words[@]:1}" 2>/dev/null)

    COMPREPLY=()
    case $kind in
        files | directories)
            current=${current#--*=}
            compopt -o filenames 2>/dev/null
            local flag=-f
            [[ $kind == files ]] || flag=-d
            while IFS= read -r value; do
                COMPREPLY+=("$value")
            done < <(compgen "$flag" -- "$current")
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
