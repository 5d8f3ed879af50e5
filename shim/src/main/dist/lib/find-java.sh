# shellcheck shell=sh
# Where Java 25 is. Sourced by `krustlet`, by the launcher and by the build of the distribution, so: no output, no
# variable but JAVA and those that begin with find_java_, and no JVM started to ask it for its version.

# Whether $1 is the home of a Java 25.
find_java_is_25() {
  if [ ! -x "$1/bin/java" ] || [ ! -r "$1/release" ]; then
    return 1
  fi
  while IFS= read -r find_java_line; do
    case $find_java_line in
    'JAVA_VERSION="25'[!0-9]*) return 0 ;;
    'JAVA_VERSION='*) return 1 ;;
    esac
  done <"$1/release"
  return 1
}

# Whether the binary $1 is a Java 25; one whose home tells no version (a wrapper) is taken at its word.
find_java_accepts() {
  [ -f "$1" ] && [ -x "$1" ] || return 1
  find_java_link=$(readlink -f -- "$1") || return 1
  find_java_home=${find_java_link%/bin/*}
  [ ! -f "$find_java_home/release" ] || find_java_is_25 "$find_java_home"
}

# find_java HOME: sets JAVA to the `java` of a Java 25. HOME is the installation's directory. Otherwise says so in one
# sentence on stderr and returns 1. A KRUSTLET_JAVA that is none is an error, never a reason to look further.
find_java() {
  if [ -n "${KRUSTLET_JAVA:-}" ]; then
    if find_java_accepts "$KRUSTLET_JAVA"; then
      JAVA=$KRUSTLET_JAVA
      return 0
    fi
    echo "krustlet: KRUSTLET_JAVA is '$KRUSTLET_JAVA', which is not the java binary of a Java 25" >&2
    return 1
  fi
  for find_java_home in "$1/jre" "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    if [ -n "$find_java_home" ] && find_java_is_25 "$find_java_home"; then
      JAVA=$find_java_home/bin/java
      return 0
    fi
  done
  if find_java_link=$(command -v java) && find_java_link=$(readlink -f -- "$find_java_link"); then
    find_java_home=${find_java_link%/bin/java}
    if find_java_is_25 "$find_java_home"; then
      JAVA=$find_java_link
      return 0
    fi
  fi
  echo "krustlet: no Java 25 found in $1/jre, JAVA_HOME, /usr/lib/jvm or PATH; install one or set KRUSTLET_JAVA to its bin/java" >&2
  return 1
}
