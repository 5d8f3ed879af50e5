# To be sourced. `find_java HOME` sets JAVA to the program of a Java 25, found without starting one, or says in one
# sentence that there is none. HOME is the installation of krustlet, which may bring its own.

# Whether $1 is the home of a Java 25.
is_java_25() {
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 1
  while IFS= read -r line; do
    case $line in JAVA_VERSION=\"25[.\"]*) return 0 ;; esac
  done <"$1/release"
  return 1
}

find_java() {
  if [ -n "${KRUSTLET_JAVA:-}" ]; then
    JAVA=$KRUSTLET_JAVA
    [ -x "$JAVA" ] && return 0
    echo "krustlet: KRUSTLET_JAVA is $JAVA, which is no program" >&2
    return 1
  fi
  on_path=$(command -v java) && on_path=$(readlink -f -- "$on_path")
  for java_home in "$1/jre" "${JAVA_HOME:-/nonexistent}" /usr/lib/jvm/* "${on_path%/bin/java}"; do
    if is_java_25 "$java_home"; then
      JAVA=$java_home/bin/java
      return 0
    fi
  done
  echo "krustlet: a Java 25 runtime is needed: install one below /usr/lib/jvm, or name its program in KRUSTLET_JAVA" >&2
  return 1
}
