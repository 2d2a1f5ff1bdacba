using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.Loader;
using Kernmantle.Wire.Start;

namespace Kernmantle.Child.Hook;

/// <summary>
/// Start-up hooks of the user's, from the environment or the program's configuration. The runtime would call them after ours, which
/// does not return, so ours calls them, by the runtime's own convention. As in the program itself, one that fails ends the process.
/// </summary>
internal static class UserHooks
{
    private const string TypeName = "StartupHook";
    private const string MethodName = "Initialize";
    private const string Foreign = "Start-up hooks come from outside the program; whether trimming leaves what they need is decided by who adds them.";

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = Foreign)]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = Foreign)]
    public static void Run()
    {
        Assembly self = typeof(UserHooks).Assembly;
        foreach (string hook in InheritedVariables.Hooks(AppContext.GetData("STARTUP_HOOKS") as string, AssemblyFile.HookNameOf(self)))
        {
            Assembly assembly = Path.IsPathRooted(hook)
                ? AssemblyLoadContext.Default.LoadFromAssemblyPath(hook)
                : AssemblyLoadContext.Default.LoadFromAssemblyName(new AssemblyName(hook));
            if (assembly == self)
                continue;
            MethodInfo? initialize = assembly.GetType(TypeName, throwOnError: true)!
                .GetMethod(MethodName, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static, Type.EmptyTypes);
            if (initialize is null || initialize.ReturnType != typeof(void))
                throw new MissingMethodException(TypeName, MethodName);
            initialize.Invoke(null, BindingFlags.DoNotWrapExceptions, null, null, null);
        }
    }
}
