package dev.krustlet.shim.oci;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Linux capabilities by name ("CAP_CHOWN"), a list for each of a process's sets.
public record Capabilities(
    List<String> bounding,
    List<String> effective,
    List<String> inheritable,
    List<String> permitted,
    List<String> ambient) {
  public static final Capabilities NONE = new Capabilities(null, null, null, null, null);

  public Capabilities(
      @Nullable List<String> bounding,
      @Nullable List<String> effective,
      @Nullable List<String> inheritable,
      @Nullable List<String> permitted,
      @Nullable List<String> ambient) {
    this.bounding = Absent.list(bounding);
    this.effective = Absent.list(effective);
    this.inheritable = Absent.list(inheritable);
    this.permitted = Absent.list(permitted);
    this.ambient = Absent.list(ambient);
  }

  /// What a program of that user holds. A spec's effective set is that of the process before it
  /// becomes the program: executing takes from every user but root all that is not ambient.
  public List<String> held(int uid) {
    return uid == 0 ? effective : ambient;
  }
}
