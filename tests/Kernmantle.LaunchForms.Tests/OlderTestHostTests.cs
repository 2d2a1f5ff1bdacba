using Kernmantle.Tests.Hosting;

namespace Kernmantle.LaunchForms.Tests;

/// <summary>Test projects of the older kind, whose host is testhost.dll.</summary>
public sealed class OlderTestHostTests
{
    [Fact]
    public async Task A_pool_works_in_the_older_test_host()
    {
        string library = Programs.LibraryOf("VsTestHost");
        (int exit, string text) = await Programs.RunAsync("dotnet", ["vstest", library], Path.GetDirectoryName(library));
        Assert.True(exit == 0, text);
        Assert.Matches(@"Passed:\s+1\b", text);
    }
}
