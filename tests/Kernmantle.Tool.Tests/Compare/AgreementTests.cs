using Kernmantle.Tool.Compare;
using Kernmantle.Tool.Compare.Model;
using Kernmantle.Tool.Compare.Places;

namespace Kernmantle.Tool.Tests.Compare;

public sealed class AgreementTests
{
    private static readonly Results Reference = new([[1, 2, 3], [1, 2, 3]], ["a", "b", "c"]);

    [Fact]
    public void Equal_results_are_the_same() => Assert.Equal((Agreement.Same, null), Of(new([[1, 2, 3]], ["a", "b", "c"])));

    [Fact]
    public void The_first_other_result_is_shown() =>
        Assert.Equal((Agreement.Differ, "call 2 gives x instead of b"), Of(new([[1, 2, 3], [1, 9, 9]], ["a", "x", "y"])));

    [Fact]
    public void Failed_calls_are_not_compared() => Assert.Equal((Agreement.Same, null), Of(new([[1, 0, 3]], ["a", "", "c"])));

    [Fact]
    public void What_varies_in_the_first_place_itself_cannot_be_compared() =>
        Assert.Equal((Agreement.Vary, null), Agreements.Of(Reference, new([[1, 2, 3], [1, 2, 4]], []), Name));

    [Fact]
    public void Without_results_nothing_is_compared() => Assert.Equal((Agreement.NotCompared, null), Of(Results.None));

    [Fact]
    public void Usage_is_added_up_over_processes_old_and_new()
    {
        RoundFigures figures = RoundFigures.Between(
            [new(1, 10, 100, 1, 5, 50), new(2, 20, 200, 2, 6, 60)],
            [new(1, 11, 110, 1.5, 7, 51), new(3, 4, 40, 0.25, 3, 30)],
            wallSeconds: 2);
        Assert.Equal(new(2, 1 + 4, 51 + 30, 10 + 40, 0.5 + 0.25, 2 + 3), figures);
    }

    private static (Agreement, string?) Of(Results results) => Agreements.Of(results, Reference, Name);

    private static string Name(int index) => $"call {index + 1}";
}

public sealed class CompareSchemaTests
{
    [Fact]
    public void The_documented_schema_is_that_of_what_is_written() =>
        Assert.Equal(File.ReadAllText(Path.Combine(Samples.Root, "docs", "compare.schema.json")), CompareReport.Schema());
}
