using System.Reflection;

namespace Kernmantle.Contracts.Requirements;

/// <summary>One line for each thing that tests of an assembly need: passed where it is there, skipped with the classes that were left out where it is not.</summary>
public abstract class RequirementTests
{
    private static IEnumerable<(RequirementAttribute Requirement, Type Class)> Of(Assembly assembly) => assembly.GetExportedTypes()
        .Where(static type => !type.IsAbstract)
        .Select(static type => (type.GetCustomAttribute<RequirementAttribute>()!, type))
        .Where(static pair => pair.Item1 is not null);

    protected static TheoryData<string> NamesIn(Assembly assembly) => [.. Of(assembly).Select(static pair => pair.Requirement.Name).Distinct().Order(StringComparer.Ordinal)];

    protected static void Check(Assembly assembly, string name)
    {
        (RequirementAttribute Requirement, Type Class)[] with = [.. Of(assembly).Where(pair => pair.Requirement.Name == name)];
        Assert.NotEmpty(with);
        (RequirementAttribute Requirement, Type Class)[] left = [.. with.Where(static pair => pair.Requirement.Missing is not null)];
        if (left.Length > 0)
            Assert.Skip($"{left[0].Requirement.Missing} Left out: {string.Join(", ", left.Select(static pair => pair.Class.Name).Order(StringComparer.Ordinal))}.");
    }
}
