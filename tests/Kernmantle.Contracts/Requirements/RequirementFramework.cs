using System.Reflection;
using Xunit.v3;

namespace Kernmantle.Contracts.Requirements;

/// <summary>xUnit's own, without the classes whose <see cref="RequirementAttribute"/> is not met here.</summary>
public sealed class RequirementFramework : XunitTestFramework
{
    public RequirementFramework()
    {
    }

    public RequirementFramework(string? configFileName)
        : base(configFileName)
    {
    }

    protected override ITestFrameworkDiscoverer CreateDiscoverer(Assembly assembly) =>
        new Discoverer((IXunitTestAssembly)base.CreateDiscoverer(assembly).TestAssembly);

    private sealed class Discoverer(IXunitTestAssembly assembly) : XunitTestFrameworkDiscoverer(assembly)
    {
        protected override Type[] GetExportedTypes() =>
            [.. base.GetExportedTypes().Where(static type => type.GetCustomAttribute<RequirementAttribute>()?.Missing is null)];
    }
}
