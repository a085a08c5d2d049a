# SPDX-License-Identifier: LGPL-2.1-or-later
# bash completion for disco(1), without bash-completion's own functions, which differ by version.

# Sets command to the command that was typed before the cursor, if any.
_disco_find_command() {
  local i
  command=
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      register | watch | list | lookup | doctor | help) command=${COMP_WORDS[i]}; return ;;
      --backend | --interface | --timeout) ((i++)); [ "${COMP_WORDS[i]}" != = ] || ((i++)) ;;
    esac
  done
}

_disco() {
  local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} command words=
  local commands='register watch list lookup doctor help'

  # bash takes "--backend=daemon" for three words
  if [ "$current" = = ]; then
    current=
  elif [ "$option" = = ]; then
    option=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  case $option in
    --backend) words='auto daemon embedded' ;;
    --interface) words=$(cd /sys/class/net 2>/dev/null && echo *) ;;
    --timeout | --id | --label | --addr | --tag | --attr) return ;;
    *)
      _disco_find_command
      case $command in
        '') [ "${current:0:1}" = - ] || words=$commands ;;
        register) words='--id --label --addr --tag --attr' ;;
        watch) words='--tag --once' ;;
        list) words='--tag' ;;
        lookup) words='--tag --all' ;;
        help) [ "${current:0:1}" = - ] || words=$commands ;;
      esac
      if [ "${current:0:1}" = - ]; then
        words+=' --json --backend --interface --timeout --version --help'
      elif [ "$words" != "$commands" ]; then
        return
      fi
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _disco disco
