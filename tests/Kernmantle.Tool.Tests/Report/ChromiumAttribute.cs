using Kernmantle.Contracts.Requirements;

namespace Kernmantle.Tool.Tests.Report;

/// <summary>The tests of a class look at pages in a browser.</summary>
public sealed class ChromiumAttribute() : RequirementAttribute("chromium")
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    public override string? Missing => Find() is null ? "There is no chromium: apt-get install chromium." : null;

    public static string? Find() => Places.FirstOrDefault(File.Exists);
}

/// <summary>Whether there is a browser to look with.</summary>
public sealed class BrowserRequirementTests : RequirementTests
{
    public static TheoryData<string> Names => NamesIn(typeof(BrowserRequirementTests).Assembly);

    [Theory]
    [MemberData(nameof(Names))]
    public void The_browser_that_tests_look_with_is_installed(string browser) => Check(typeof(BrowserRequirementTests).Assembly, browser);
}
