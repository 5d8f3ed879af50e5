package dev.krustlet.testbed.conformance;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/// What a run of ginkgo reported of its specs, as JUnit XML.
///
/// @param runtime what the node's pods ran under
/// @param outcomes of each spec that was not left out, by its name
record SuiteReport(String runtime, Map<String, Outcome> outcomes) {
  enum Outcome {
    PASSED,
    FAILED,
    SKIPPED;

    /// Of ginkgo's words for a state all but two are ways to fail.
    private static Outcome of(String status) {
      return switch (status) {
        case "passed" -> PASSED;
        case "skipped", "pending" -> SKIPPED;
        default -> FAILED;
      };
    }

    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  SuiteReport {
    outcomes = Collections.unmodifiableMap(new LinkedHashMap<>(outcomes));
  }

  static SuiteReport read(String runtime, Path file) throws IOException {
    Map<String, Outcome> outcomes = new LinkedHashMap<>();
    var cases = parse(file).getElementsByTagName("testcase");
    for (int i = 0; i < cases.getLength(); i++) {
      var each = (Element) cases.item(i);
      outcomes.put(each.getAttribute("name"), Outcome.of(each.getAttribute("status")));
    }
    return new SuiteReport(runtime, outcomes);
  }

  /// The specs that passed or failed; ginkgo lists those that its filters left out as skipped.
  long ran() {
    return count(outcome -> outcome != Outcome.SKIPPED);
  }

  long count(Predicate<Outcome> which) {
    return outcomes.values().stream().filter(which).count();
  }

  /// A spec that another run has and this one has not was left out by it.
  Outcome of(String spec) {
    return outcomes.getOrDefault(spec, Outcome.SKIPPED);
  }

  private static Document parse(Path file) throws IOException {
    try {
      var factory = DocumentBuilderFactory.newInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_DTD, "");
      return factory.newDocumentBuilder().parse(file.toFile());
    } catch (ParserConfigurationException | SAXException e) {
      throw new IOException("%s is no report of JUnit's form".formatted(file), e);
    }
  }
}
