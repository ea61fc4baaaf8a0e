/** What can be completed. */
export interface CompletionWords {
  readonly commands: readonly {
    readonly name: string
    readonly summary: string
    /** Subcommands, or runbooks. */
    readonly words: readonly string[]
    readonly options: readonly string[]
  }[]
  /** Options made from inputs of runbooks, for `plan` and `run`. */
  readonly inputs: readonly string[]
}

/** The completion script of a shell. It holds the words themselves: completing starts no process. */
export const completionScript = (shell: 'bash' | 'zsh' | 'fish', words: CompletionWords): string =>
  ({ bash, zsh, fish })[shell](words)

const wordsOf = ({ commands, inputs }: CompletionWords) =>
  commands.map(({ name, summary, words, options }) => ({
    name,
    summary,
    all: [...words, ...options, ...(name === 'plan' || name === 'run' ? inputs : [])],
  }))

const bash = (words: CompletionWords): string => `# bash completion of eks-runbook
_eks_runbook() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  case "$previous" in
    --fleet|--save|--plan|--world|--state) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --output) COMPREPLY=($(compgen -W "text json markdown" -- "$current")); return ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${words.commands.map(({ name }) => name).join(' ')}"
  else
    case "\${COMP_WORDS[1]}" in
${wordsOf(words)
  .map(({ name, all }) => `      ${name}) words="${all.join(' ')}" ;;`)
  .join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _eks_runbook eks-runbook
`

const zsh = (words: CompletionWords): string => `#compdef eks-runbook
_eks_runbook() {
  case "\${words[CURRENT-1]}" in
    --fleet|--save|--plan|--world|--state) _files; return ;;
    --output) compadd text json markdown; return ;;
  esac
  if (( CURRENT == 2 )); then
    local -a commands=(
${words.commands.map(({ name, summary }) => `      '${name}:${summary.replaceAll("'", '')}'`).join('\n')}
    )
    _describe command commands
    return
  fi
  case "\${words[2]}" in
${wordsOf(words)
  .map(({ name, all }) => `    ${name}) compadd -- ${all.join(' ')} ;;`)
  .join('\n')}
  esac
}
compdef _eks_runbook eks-runbook
`

const fish = (words: CompletionWords): string =>
  [
    '# fish completion of eks-runbook',
    'complete -c eks-runbook -f',
    ...words.commands.map(
      ({ name, summary }) =>
        `complete -c eks-runbook -n __fish_use_subcommand -a ${name} -d '${summary.replaceAll("'", '')}'`,
    ),
    ...wordsOf(words).flatMap(({ name, all }) =>
      all.map((word) => {
        const seen = `-n '__fish_seen_subcommand_from ${name}'`
        return word.startsWith('--')
          ? `complete -c eks-runbook ${seen} -l ${word.slice(2)}`
          : `complete -c eks-runbook ${seen} -a ${word}`
      }),
    ),
    '',
  ].join('\n')
