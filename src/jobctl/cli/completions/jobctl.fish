# Completion of jobctl for fish: jobctl completion fish > ~/.config/fish/completions/jobctl.fish
function __jobctl_complete
    set -l words (commandline -opc)
    set -l raw (commandline -ct)
    # Without its quotes, of which one may be open.
    set -l current (string unescape -- $raw; or string unescape -- $raw"'"; or string unescape -- $raw'"')
    set -l lines ($words[1] complete-words $words[2..-1] "$current" 2>/dev/null)
    switch "$lines[1]"
        case files directories
            # Of `--stdin=FILE` only what is behind the "=" is a path; what fits must begin as the whole word.
            set -l option (string match -r -- '^--[^=]*=' "$current")
            set -l path (string replace -r -- '^--[^=]*=' '' "$current")
            if test $lines[1] = files
                __fish_complete_path "$path" | string replace -r -- '^' "$option"
            else
                __fish_complete_directories "$path" | string replace -r -- '^' "$option"
            end
        case 'command *'
            set -l first (math 1 + (string replace 'command ' '' $lines[1]))
            set -l before
            if test $first -le (count $words)
                set before (string escape -- $words[$first..-1])
            end
            complete -C (string join ' ' -- $before "$raw")
        case '*'
            printf '%s\n' $lines[2..-1]
    end
end
complete -c jobctl -f -k -a '(__jobctl_complete)'
