using Kernmantle.Tool.Cli;

namespace Kernmantle.Tool.Tests.Compare;

/// <summary><c>kern compare</c>, interrupted.</summary>
public sealed class CompareInterruptTests : CompareRuns
{
    [Fact]
    public async Task Ctrl_C_leaves_nothing_behind()
    {
        await using Kern kern = new("compare", Samples.Assembly, "Subject.NeverEnds", "--timeout", "600");
        await kern.LeavesNothingBehindAsync();
    }
}
