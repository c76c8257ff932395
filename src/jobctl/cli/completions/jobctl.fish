# Completion of jobctl for fish: jobctl completion fish > ~/.config/fish/completions/jobctl.fish
function __jobctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] complete-words $words[2..-1] "$current" 2>/dev/null)
    switch "$lines[1]"
        case files
            __fish_complete_path (string replace -r -- '^--[^=]*=' '' $current)
        case directories
            __fish_complete_directories (string replace -r -- '^--[^=]*=' '' $current)
        case 'command *'
            set -l first (math 1 + (string replace 'command ' '' $lines[1]))
            set -l before
            if test $first -le (count $words)
                set before (string escape -- $words[$first..-1])
            end
            complete -C (string join ' ' -- $before $current)
        case '*'
            printf '%s\n' $lines[2..-1]
    end
end
complete -c jobctl -f -k -a '(__jobctl_complete)'
