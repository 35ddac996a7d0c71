package dcmfhir;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.hl7.fhir.r5.elementmodel.Manager.FhirFormat;
import org.hl7.fhir.r5.utils.validation.constants.ReferenceValidationPolicy;
import org.hl7.fhir.utilities.ByteProvider;
import org.hl7.fhir.utilities.settings.FhirSettings;
import org.hl7.fhir.utilities.validation.ValidationMessage;
import org.hl7.fhir.validation.ValidationEngine;
import org.hl7.fhir.validation.ValidationRecord;
import org.hl7.fhir.validation.instance.advisor.BasePolicyAdvisorForFullValidation;
import org.hl7.fhir.validation.service.StandAloneValidatorFetcher;
import org.hl7.fhir.validation.service.model.InstanceValidatorParameters;

/**
 * Judge R4|R5 DEFINITIONS LIST: HL7's validator, set up as its command line is for "-tx n/a", in one
 * process for all the files that LIST names, one a line. DEFINITIONS is a folder of our own.
 *
 * <p>An issue is a line on standard output: level, file, place, message id and text, by tabs. A file
 * of NDJSON is judged line by line. Nothing is asked of a network.
 */
public class Judge {
  private final ValidationEngine engine;
  private final InstanceValidatorParameters parameters = new InstanceValidatorParameters();

  private Judge(String release, String definitions) throws Exception {
    boolean isR5 = release.equals("R5");
    parameters.setAllowExampleUrls(true);
    parameters.setProfiles(new ArrayList<>());
    parameters.setExtensions(new ArrayList<>());
    engine =
        new ValidationEngine.ValidationEngineBuilder()
            .withDefaultInstanceValidatorParameters(parameters)
            .withVersion(isR5 ? "5.0.0" : "4.0.1")
            .withThoVersion("7.0.1")
            .withExtensionsVersion("5.3.0-ballot-tc1")
            .withNoTerminologyServer()
            .withCanRunWithoutTerminologyServer(true)
            .fromSource(isR5 ? "hl7.fhir.r5.core#5.0.0" : "hl7.fhir.r4.core#4.0.1");
    engine.getIgLoader().loadIg(engine.getIgs(), engine.getBinaries(), definitions, true);
    StandAloneValidatorFetcher fetcher =
        new StandAloneValidatorFetcher(engine.getPcm(), engine.getContext(), engine);
    fetcher.setReferencePolicy(ReferenceValidationPolicy.IGNORE);
    engine.setFetcher(fetcher);
    engine.getContext().setLocator(fetcher);
    engine.setPolicyAdvisor(fetcher);
    engine
        .getPolicyAdvisor()
        .setPolicyAdvisor(
            new BasePolicyAdvisorForFullValidation(
                ReferenceValidationPolicy.IGNORE, new HashSet<>()));
    engine.prepare();
  }

  private static void say(String level, String name, String place, String id, String text) {
    String line = String.join("\t", level, name, place, String.valueOf(id), text);
    System.out.println(line.replaceAll("[\\r\\n]+", " "));
  }

  private void judge(String name, byte[] bytes) {
    List<ValidationRecord> records = new ArrayList<>();
    try {
      engine.validate(name, ByteProvider.forBytes(bytes), FhirFormat.JSON, parameters, records);
    } catch (Exception broken) {
      say("fatal", name, "", "EXCEPTION", broken.toString());
    }
    for (ValidationRecord record : records) {
      for (ValidationMessage message : record.getMessages()) {
        say(
            message.getLevel().toCode(),
            name,
            String.valueOf(message.getLocation()),
            message.getMessageId(),
            String.valueOf(message.getMessage()).replace('\t', ' '));
      }
    }
  }

  private int judgeFile(Path path) throws Exception {
    byte[] bytes = Files.readAllBytes(path);
    if (!path.toString().endsWith(".ndjson")) {
      judge(path.toString(), bytes);
      return 1;
    }
    int number = 0;
    for (String line : new String(bytes, StandardCharsets.UTF_8).split("\n")) {
      judge(path + ":" + ++number, line.getBytes(StandardCharsets.UTF_8));
    }
    return number;
  }

  public static void main(String[] args) throws Exception {
    File settings = File.createTempFile("fhir-settings", ".json");
    settings.deleteOnExit();
    Files.writeString(
        settings.toPath(),
        "{\"prohibitNetworkAccess\":true,\"ignoreDefaultPackageServers\":true}");
    FhirSettings.setExplicitFilePath(settings.getPath());
    Judge judge = new Judge(args[0], args[1]);
    int judged = 0;
    for (String name : Files.readAllLines(Paths.get(args[2]))) {
      judged += judge.judgeFile(Paths.get(name));
    }
    say("judged", String.valueOf(judged), "", "", Arrays.toString(args));
    System.out.flush();
    System.exit(0); // the engine leaves threads
  }
}
