using System.Reflection;
using System.Text.Json;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Report;

namespace Kernmantle.Tool.Tests.Lab;

public sealed class SchemaTests
{
    private static readonly string Root = typeof(SchemaTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "RepositoryRoot").Value!;

    [Fact]
    public void The_documented_schema_is_that_of_what_is_written() =>
        Assert.Equal(File.ReadAllText(Path.Combine(Root, "docs", "lab.schema.json")), JsonReport.Schema());

    [Fact]
    public void The_documented_run_has_all_claims_and_follows_from_its_figures()
    {
        LabResult lab = JsonReport.Read(File.ReadAllText(Path.Combine(Root, "docs", "lab.json")));
        Assert.Equal(LabResult.CurrentSchema, lab.Schema);
        Assert.All(lab.Experiments, static experiment => Assert.Null(experiment.Failure));
        Assert.Equal(23, lab.Claims.Count);
        Assert.All(lab.Claims, static claim => Assert.Equal(Verdicts.Together([.. claim.Findings.Select(static finding => finding.Verdict)]), claim.Verdict));
    }

    [Fact]
    public void Something_else_is_refused()
    {
        Assert.Throws<JsonException>(() => JsonReport.Read("null"));
        Assert.Throws<JsonException>(() => JsonReport.Read("""{"schema": "1"}"""));
    }
}
