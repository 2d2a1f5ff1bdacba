using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Kernmantle.Contracts.Requirements;

/// <summary>xUnit's own, without the classes whose <see cref="RequirementAttribute"/> is not met here, and without the tests of a contract whose needs the class lacks.</summary>
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

        protected override ValueTask<bool> FindTestsForType(IXunitTestClass testClass, ITestFrameworkDiscoveryOptions discoveryOptions, Func<ITestCase, ValueTask<bool>> discoveryCallback)
        {
            IReadOnlyList<string> lacks = testClass.Class.GetCustomAttribute<LacksAttribute>()?.Names ?? [];
            bool IsLackedBy(ITestCase test) => test.Traits.TryGetValue(NeedsAttribute.Trait, out IReadOnlyCollection<string>? needs) && needs.Any(lacks.Contains);
            return base.FindTestsForType(testClass, discoveryOptions, lacks.Count == 0 ? discoveryCallback : test => IsLackedBy(test) ? new(true) : discoveryCallback(test));
        }
    }
}
