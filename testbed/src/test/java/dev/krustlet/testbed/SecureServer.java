package dev.krustlet.testbed;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// A server of HTTPS on the node, whose certificate comes from an authority that nobody else knows.
///
/// @param authority the authority's certificate, for files of those whom one may believe
record SecureServer(HttpsServer server, String authority) implements AutoCloseable {
  static final String CONTENT = "a secret\n";

  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final String AUTHORITY = "authority";
  private static final String FILE = "keys.p12";
  private static final String PASSWORD = "of-this-test-alone";

  /// @param directory for its keys
  /// @param address of the node among its pods
  /// @param name that its certificate is for
  static SecureServer start(Path directory, String address, String name)
      throws IOException, InterruptedException, GeneralSecurityException {
    KeyStore keys = keys(directory, name);
    byte[] authority = keys.getCertificate(AUTHORITY).getEncoded();
    keys.deleteEntry(AUTHORITY); // it signs, and does not serve
    var server = HttpsServer.create(new InetSocketAddress(address, 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context(keys)));
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream body = exchange.getResponseBody()) {
            body.write(CONTENT.getBytes(StandardCharsets.US_ASCII));
          }
        });
    server.start();
    return new SecureServer(server, pem(authority));
  }

  int port() {
    return server.getAddress().getPort();
  }

  private static KeyStore keys(Path directory, String name)
      throws IOException, InterruptedException, GeneralSecurityException {
    makeKey(directory, AUTHORITY, "-ext", "bc:c=ca:true", "-ext", "ku:c=keyCertSign");
    makeKey(directory, "server", "-signer", AUTHORITY, "-ext", "san=dns:" + name);
    var keys = KeyStore.getInstance("PKCS12");
    try (InputStream bytes = Files.newInputStream(directory.resolve(FILE))) {
      keys.load(bytes, PASSWORD.toCharArray());
    }
    return keys;
  }

  private static void makeKey(Path directory, String alias, String... more)
      throws IOException, InterruptedException {
    var words = new ArrayList<String>();
    words.add(Path.of(System.getProperty("java.home", ""), "bin/keytool").toString());
    words.addAll(List.of("-genkeypair", "-alias", alias, "-dname", "CN=" + alias));
    words.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1"));
    words.addAll(List.of("-keystore", directory.resolve(FILE).toString()));
    words.addAll(List.of("-storepass", PASSWORD));
    words.addAll(Arrays.asList(more));
    try (var keytool = Command.start(words, Map.of(), directory)) {
      Finished made = keytool.await(DEADLINE);
      if (made.status() != 0) {
        throw new IOException("keytool makes no key '%s': %s".formatted(alias, made.out()));
      }
    }
  }

  private static SSLContext context(KeyStore keys) throws GeneralSecurityException {
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD.toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private static String pem(byte[] certificate) {
    String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate);
    return "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n".formatted(lines);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
