using Kernmantle.Child.Hook;

/// <summary>
/// The runtime calls this before a program's <c>Main</c> if <c>DOTNET_STARTUP_HOOKS</c> names this assembly. The type's name, its lack of
/// a namespace and the method's name are the runtime's convention.
/// </summary>
internal static class StartupHook
{
    public static void Initialize() => WorkerEntry.RunIfWorker();
}
