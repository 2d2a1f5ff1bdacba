using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;

namespace Kernmantle.Hosting.Configuration;

/// <summary>
/// Sets properties of options as a section of the configuration says. The platform's own binder leaves out unknown keys, or names them without their path, and changes the groups of options that
/// others may hold; a value is converted as it does.
/// </summary>
/// <param name="problems">What cannot be, each with its path.</param>
internal sealed class OptionsBinder(List<string> problems)
{
    /// <param name="section">Its keys are names of properties.</param>
    /// <param name="targets">Whose properties, the first that has one of the name; nobody else has seen them.</param>
    public void Bind(IConfigurationSection section, params ReadOnlySpan<object> targets)
    {
        foreach (IConfigurationSection child in section.GetChildren())
        {
            object? target = null;
            PropertyInfo? property = null;
            foreach (object candidate in targets)
            {
                if (property is null)
                    (target, property) = (candidate, PropertyOf(candidate.GetType(), child.Key));
            }
            if (property is null)
                problems.Add($"{child.Path} is not known. {KeysOf(targets)}");
            else if (FormOf(property.PropertyType) is not { } form || property.Name == nameof(WorkerPoolOptions.Name))
                problems.Add($"{child.Path} is set in code, and not in the configuration. {KeysOf(targets)}");
            else
                Set(child, target!, property, form);
        }
    }

    private void Set(IConfigurationSection section, object target, PropertyInfo property, Form form)
    {
        bool hasKeys = section.GetChildren().Any();
        try
        {
            switch (form)
            {
                case Form.Value when hasKeys:
                    problems.Add($"{section.Path} is one value, and has no keys below it.");
                    break;
                case Form.List or Form.Dictionary or Form.Group when section.Value is { Length: > 0 } value:
                    problems.Add($"{section.Path} = {value}: {(form == Form.List ? "it is a list" : "there are keys below it")}, and not one value.");
                    break;
                case Form.Group when hasKeys:
                    property.SetValue(target, Group(section, property.GetValue(target), property.PropertyType));
                    break;
                case Form.Group when section.Value is null:
                    break;   // {} says nothing of what is in it
                case Form.List when hasKeys || section.Value is not null:
                    property.SetValue(target, hasKeys ? section.Get<string[]>() : []);   // [] is an empty text here; null is none
                    break;
                case Form.Dictionary:
                    property.SetValue(target, Merged((IReadOnlyDictionary<string, string?>?)property.GetValue(target), section));
                    break;
                default:
                    property.SetValue(target, Value(section, property.PropertyType));
                    break;
            }
        }
        catch (TargetInvocationException e) when (e.InnerException is ArgumentException refusal)
        {
            problems.Add($"{section.Path} = {section.Value}: {refusal.Message}");
        }
        catch (InvalidOperationException)
        {
            problems.Add($"{section.Path} = {section.Value}: {Wanted(property.PropertyType)} is needed.");
        }
    }

    /// <summary>A copy of the group of options, or a new one, with what the section says.</summary>
    private object Group(IConfigurationSection section, object? present, Type type)
    {
        object group = present is null ? Activator.CreateInstance(type)! : OptionsCopy.Of(present);
        Bind(section, group);
        foreach (PropertyInfo property in present is null ? type.GetProperties() : [])
        {
            if (property.IsDefined(typeof(RequiredMemberAttribute)) && !section.GetChildren().Any(s => s.Key.Equals(property.Name, StringComparison.OrdinalIgnoreCase)))
                problems.Add($"{section.Path}:{property.Name} is missing: {Wanted(property.PropertyType)}.");
        }
        return group;
    }

    private static Dictionary<string, string?> Merged(IReadOnlyDictionary<string, string?>? present, IConfigurationSection section)
    {
        var merged = new Dictionary<string, string?>(present ?? new Dictionary<string, string?>());
        foreach (IConfigurationSection child in section.GetChildren())
            merged[child.Key] = child.Value;
        return merged;
    }

    /// <exception cref="InvalidOperationException">It is none.</exception>
    private static object? Value(IConfigurationSection section, Type type)
    {
        bool takesNull = !type.IsValueType || Nullable.GetUnderlyingType(type) is not null;
        if (string.IsNullOrEmpty(section.Value) && type != typeof(string))
            return takesNull ? null : throw new InvalidOperationException();
        if (Underlying(type) == typeof(TimeSpan) && section.Value!.Equals("infinite", StringComparison.OrdinalIgnoreCase))
            return Timeout.InfiniteTimeSpan;
        return section.Get(type);
    }

    // --- What properties there are ---

    private enum Form
    {
        Value,
        List,
        Dictionary,
        Group,
    }

    private static Type Underlying(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    private static PropertyInfo? PropertyOf(Type type, string key) =>
        Array.Find(type.GetProperties(), p => p.SetMethod?.IsPublic == true && p.Name.Equals(key, StringComparison.OrdinalIgnoreCase) && !p.PropertyType.IsAssignableTo(typeof(WorkerPoolOptions)));

    /// <summary>Null for what only code can say.</summary>
    private static Form? FormOf(Type type) =>
        type == typeof(string) || Underlying(type) is { IsPrimitive: true } or { IsEnum: true } || Underlying(type) == typeof(TimeSpan) ? Form.Value
        : type == typeof(IReadOnlyList<string>) ? Form.List
        : type == typeof(IReadOnlyDictionary<string, string?>) ? Form.Dictionary
        : type is { IsClass: true, IsAbstract: false } && type.Assembly == typeof(WorkerPool).Assembly && type.GetConstructor([]) is not null ? Form.Group
        : null;

    private static string KeysOf(ReadOnlySpan<object> targets)
    {
        var keys = new List<string>();
        foreach (object target in targets)
            keys.AddRange(from p in target.GetType().GetProperties() where PropertyOf(target.GetType(), p.Name) is not null && FormOf(p.PropertyType) is not null && p.Name != nameof(WorkerPoolOptions.Name) select p.Name);
        return $"The keys here are: {string.Join(", ", keys.Order(StringComparer.Ordinal))}.";
    }

    private static string Wanted(Type type) => Underlying(type) switch
    {
        { IsEnum: true } e => string.Join(" or ", Enum.GetNames(e)),
        var t when t == typeof(TimeSpan) => "a time such as 00:00:05 or 00:00:00.250, or infinite,",
        var t when t == typeof(bool) => "true or false",
        var t when t == typeof(double) => "a number",
        _ => "a whole number that is not too large",
    };
}
